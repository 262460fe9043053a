"""The native side of bench/gbdtSearch.ts: the same grid by scikit-learn's GridSearchCV over LightGBM."""

import json
import sys
import time

import lightgbm
import numpy as np
from sklearn.model_selection import GridSearchCV, KFold

folder, features, bagging_freq, space = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
values = np.fromfile(f"{folder}/values").reshape(-1, features)
label = np.fromfile(f"{folder}/label")
names = dict(learningRate="learning_rate", numLeaves="num_leaves", numIterations="n_estimators",
             baggingFraction="subsample", featureFraction="colsample_bytree", lambdaL1="reg_alpha",
             lambdaL2="reg_lambda")
model = lightgbm.LGBMRegressor(subsample_freq=bagging_freq, n_jobs=1, verbosity=-1, deterministic=True,
                               force_col_wise=True)
grid = GridSearchCV(model, {names[name]: choices for name, choices in space.items()}, cv=KFold(5),
                    scoring="neg_mean_absolute_error", refit=False, n_jobs=1)
start = time.process_time()
grid.fit(values, label)
print(json.dumps({"seconds": time.process_time() - start, "scores": (-grid.cv_results_["mean_test_score"]).tolist()}))
