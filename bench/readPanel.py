"""The pandas side of bench/readPanel.ts: the competition's files into one table of hours by series.

    python3 bench/readPanel.py RUNS OUT FILE...

Prints the seconds of each run, the ids of the series and the versions as JSON; writes the cells to OUT
(little-endian, [series][hour]).
"""

import json
import sys
import time
from pathlib import Path

started = time.perf_counter()
import pandas as pd  # noqa: E402  (loading it is part of the first run)


def read_panel(files: list[str]) -> pd.DataFrame:
    cities = []
    for file in files:
        rows = pd.read_csv(file, parse_dates=["utc_time"]).drop_duplicates(["stationId", "utc_time"])
        city = rows.set_index(["utc_time", "stationId"]).unstack("stationId")
        city.columns = [f"{station}#{measure}" for measure, station in city.columns]
        cities.append(city)
    panel = pd.concat(cities, axis=1, sort=True)
    hours = pd.date_range(panel.index.min(), panel.index.max(), freq="h")
    return panel.reindex(hours).where(lambda values: values >= 0)


runs, out, files = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
seconds = []
for _ in range(runs):
    panel = read_panel(files)
    seconds.append(time.perf_counter() - started)
    started = time.perf_counter()

panel.to_numpy().T.astype("<f8").tofile(out)
versions = {"python": sys.version.split()[0], "pandas": pd.__version__}
print(json.dumps({"seconds": seconds, "ids": list(panel.columns), "versions": versions}))
