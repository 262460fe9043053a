"""The backtest of bench/backtest.ts in pandas and numpy; prints the mean KDD score of each model as JSON.

    python3 bench/backtest.py BEIJING.csv.gz LONDON.csv.gz
"""
import json
import sys
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter('ignore')
TARGETS = {'Beijing': ['PM2.5', 'PM10', 'O3'], 'London': ['PM2.5', 'PM10']}
WINDOWS = [7, 14, 21, 35, 56, 91, 147, 238, 385]
hours = pd.date_range('2017-01-01', '2018-04-30 23:00', freq='h')

columns, names = [], []
for path, city in zip(sys.argv[1:], TARGETS):
    table = pd.read_csv(path, usecols=['stationId', 'utc_time', *TARGETS[city]], parse_dates=['utc_time'])
    table = table.drop_duplicates(['stationId', 'utc_time'])
    for measure in TARGETS[city]:
        wide = table.pivot(index='utc_time', columns='stationId', values=measure).reindex(hours)
        for station in wide:
            names.append((city, station, measure))
            columns.append(wide[station].to_numpy())
truth = np.array(columns)
truth[truth < 0] = np.nan


def fill(history):
    """linear:3, then the mean of the hour of what was read."""
    frame = pd.DataFrame(history.T)
    missing = frame.isna()
    line = frame.interpolate('linear', limit_area='inside')
    run = missing.apply(lambda s: s.groupby(s.ne(s.shift()).cumsum()).transform('sum'))
    filled = frame.where(~(missing & (run <= 3)), line).to_numpy().T.copy()
    for slot in range(24):
        part = filled[:, slot::24]
        means = np.nanmean(history[:, slot::24], axis=1, keepdims=True)
        part[:] = np.where(np.isnan(part), means, part)
    return filled


def median_of_medians(history):
    day = history.shape[1]
    inner = [np.nanmedian(history[:, max(0, day - 24 * w):].reshape(len(history), -1, 24), axis=1) for w in WINDOWS]
    return np.tile(np.nanmedian(inner, axis=0), 2)


def seasonal_naive(history):
    return np.tile(history[:, -24:], 2)


def naive(history):
    return np.repeat(history[:, -1:], 48, axis=1)


def kdd(actual, predicted):
    cities = []
    for city, measures in TARGETS.items():
        rows = [[i for i, n in enumerate(names) if n[0] == city and n[2] == m] for m in measures]
        counted = ~np.isnan(actual[rows]).any(axis=0)
        a, p = actual[rows][:, counted], np.nan_to_num(predicted[rows][:, counted])
        size = np.abs(a) + np.abs(p)
        cities.append(np.mean(np.where(size == 0, 0, 2 * np.abs(a - p) / np.where(size == 0, 1, size))))
    return np.mean(cities)


scores = {model: [] for model in (median_of_medians, seasonal_naive, naive)}
for day in range(28):
    start = int((pd.Timestamp('2018-04-01') - hours[0]) / pd.Timedelta('1h')) + 24 * day
    filled = fill(truth[:, :start])
    for model, days in scores.items():
        days.append(kdd(truth[:, start:start + 48], model(filled)))
print(json.dumps([float(np.mean(days)) for days in scores.values()]))
