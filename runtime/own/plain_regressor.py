"""Tries a random forest, extremely random trees and a ridge regression on parts of the learning items that lie side by side,
and fits what errs least there to all of them. Written by people and shipped with gpiot."""
import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def own(train_features, train_labels, features, n_trees=200, n_folds=3, most_tried=1000):
    models = [RandomForestRegressor(n_trees, min_samples_leaf=2, max_features=0.4, random_state=0),
              ExtraTreesRegressor(n_trees, min_samples_leaf=2, random_state=0),
              make_pipeline(StandardScaler(), RidgeCV(np.logspace(-1, 4, 11)))]
    # Every n-th item keeps the order, so that a part holds other persons, files or times than the rest.
    tried = slice(None, None, -(-len(train_labels) // most_tried))
    scores = [0.0]
    if len(train_labels[tried]) >= 2 * n_folds:
        scores = [cross_val_score(model, train_features[tried], train_labels[tried], cv=KFold(n_folds),
                                  scoring="neg_mean_absolute_error").mean() for model in models]
    return models[int(np.argmax(scores))].fit(train_features, train_labels).predict(features)
