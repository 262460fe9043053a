"""Python's Prophet for bench/prophet.ts: prophetPeer.py FOLDER. Fits some series and forecasts, and says how long each took."""

import json
import logging
import pathlib
import sys
import time

import numpy as np
import pandas as pd
import prophet

logging.disable(logging.WARNING)
folder = pathlib.Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
values = np.fromfile(folder / "history.f64").reshape(len(task["series"]), task["length"])
dates = pd.to_datetime(task["start"], unit="ms") + pd.to_timedelta(np.arange(task["length"] + task["horizon"]), unit="h")

answers = []
for series, row in zip(task["series"], values):
    frame = pd.DataFrame({"ds": dates[: task["length"]], "y": row})
    started = time.perf_counter()
    model = prophet.Prophet(
        n_changepoints=task["changepoints"],
        changepoint_prior_scale=series["changepointPriorScale"],
        uncertainty_samples=0,
    )
    model.fit(frame)
    forecast = model.predict(pd.DataFrame({"ds": dates[task["length"] :]}))
    seconds = time.perf_counter() - started
    answers.append({"seconds": seconds, "yhat": forecast["yhat"].tolist()})
print(json.dumps({"answers": answers, "version": prophet.__version__}))
