"""Trains the model while the image is built, on the iris data that scikit-learn contains."""

import json
from pathlib import Path

import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

iris = load_iris()
train, test, train_species, test_species = train_test_split(iris.data, iris.target, random_state=0, stratify=iris.target)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(train, train_species)
accuracy = model.score(test, test_species)

folder = Path("model")
folder.mkdir(exist_ok=True)
joblib.dump(model, folder / "model.joblib")
(folder / "about.json").write_text(json.dumps({"species": list(iris.target_names), "features": iris.feature_names}))
print(f"{accuracy:.0%} of {len(test)} flowers that the model had not seen are right")
