"""The pandas side of bench/medians.ts: medians of the readings at each hour over each window, median over windows.

    python3 bench/medians.py FOLDER

FOLDER holds `task.json` and `history.f64` (little-endian, [series][step]); writes `forecast.f64` ([series][horizon])
and prints the seconds of each run and the versions as JSON.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd


def forecast_medians(history: pd.DataFrame, windows: list[int], horizon: int) -> pd.DataFrame:
    medians = [
        readings.groupby(readings.index.hour).median() for readings in (history.iloc[-24 * days :] for days in windows)
    ]
    by_hour = pd.concat(medians).groupby(level=0).median()
    future = pd.date_range(history.index[-1], periods=horizon + 1, freq="h")[1:]
    return by_hour.reindex(future.hour).set_index(future)


folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
values = np.fromfile(folder / "history.f64", dtype="<f8").reshape(task["series"], task["length"])
index = pd.date_range(pd.Timestamp(task["start"], unit="ms"), periods=task["length"], freq="h")
history = pd.DataFrame(values.T.copy(), index=index)

seconds = []
for _ in range(task["runs"]):
    started = time.perf_counter()
    forecast = forecast_medians(history, task["windows"], task["horizon"])
    seconds.append(time.perf_counter() - started)

forecast.to_numpy().T.astype("<f8").tofile(folder / "forecast.f64")
versions = {"python": sys.version.split()[0], "pandas": pd.__version__, "numpy": np.__version__}
print(json.dumps({"seconds": seconds, "versions": versions}))
