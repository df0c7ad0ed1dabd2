"""Flask as its documentation has it, for gunicorn with threads.

    BENCH_WORK=trivial gunicorn flask_app:app --worker-class gthread --threads 8
"""

from flask import Flask, Response, jsonify, request
from handlers import WORK, load, tokens

app = Flask(__name__)
model = load()


@app.post("/predict")
def predict():
    if WORK == "binary":
        return jsonify(model.total(request.get_data()))
    if WORK == "stream":
        return Response((f"data: {token}\n\n" for token in tokens()), mimetype="text/event-stream")
    return jsonify(model.rows([request.get_json()["features"]])[0])
