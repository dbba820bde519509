"""Tries a random forest, extremely random trees, a logistic regression and a support vector machine on parts of the learning
items that lie side by side, and fits what does best there to all of them. Written by people and shipped with gpiot."""
import warnings

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def own(train_features, train_labels, features, n_trees=200, n_folds=3, most_tried=1000, most_for_svc=10000):
    warnings.simplefilter("ignore")  # what a model says of itself does not change which is best
    models = [RandomForestClassifier(n_trees, random_state=0), ExtraTreesClassifier(n_trees, random_state=0),
              make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))]
    if len(train_labels) <= most_for_svc:  # its time grows with the square of the items
        models.append(make_pipeline(StandardScaler(), SVC(C=10.0)))
    # Every n-th item keeps the order, so that a part holds other persons, files or times than the rest.
    tried = slice(None, None, -(-len(train_labels) // most_tried))
    rarest = np.unique(train_labels[tried], return_counts=True)[1].min()
    scores = [0.0]
    if rarest >= 2 * n_folds:
        scores = [cross_val_score(model, train_features[tried], train_labels[tried], cv=StratifiedKFold(n_folds)).mean()
                  for model in models]
    return models[int(np.argmax(scores))].fit(train_features, train_labels).predict(features)
