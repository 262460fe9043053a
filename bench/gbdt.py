"""The native side of bench/gbdt.ts: times one engine for each line of input."""

import json
import sys
import time

import lightgbm
import numpy as np
import xgboost

folder, features = sys.argv[1], int(sys.argv[2])
values = np.fromfile(f"{folder}/values").reshape(-1, features)
label = np.fromfile(f"{folder}/label")


def run_lightgbm(threads=1, clock=time.process_time):
    parameters = dict(objective="regression", num_threads=threads, deterministic=True, force_col_wise=True, verbosity=-1)
    start = clock()
    dataset = lightgbm.Dataset(values, label, params=parameters).construct()
    binned = clock()
    booster = lightgbm.train(parameters, dataset, 100, keep_training_booster=True)
    trained = clock()
    booster.predict(values, raw_score=True, num_threads=threads)
    return binned - start, trained - binned, clock() - trained


def run_xgboost():
    parameters = dict(tree_method="hist", grow_policy="lossguide", max_leaves=31, max_depth=0, max_bin=255,
                      nthread=1, eta=0.1)
    start = time.process_time()
    matrix = xgboost.QuantileDMatrix(values, label, nthread=1, max_bin=255)
    binned = time.process_time()
    booster = xgboost.train(parameters, matrix, 100)
    trained = time.process_time()
    booster.inplace_predict(values)
    return binned - start, trained - binned, time.process_time() - trained


for line in sys.stdin:
    engine, _, threads = line.strip().partition(" ")
    if threads:
        times = run_lightgbm(int(threads), time.perf_counter)
    else:
        times = {"lightgbm": run_lightgbm, "xgboost": run_xgboost}[engine]()
    print(json.dumps(dict(zip(("bin", "train", "predict"), (1000 * t for t in times)))), flush=True)
