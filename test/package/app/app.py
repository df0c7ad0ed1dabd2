"""A user's whole app; `app.ts` is its twin."""

from aws_cdk import App, Stack
from cdk_model_api import Access, ModelApi, ModelHandler

app = App(analytics_reporting=False)
stack = Stack(app, "Served")
ModelApi(
    stack,
    "Model",
    handler=ModelHandler.from_directory("model"),
    access=Access.internal(),
    config={"threshold": 0.5},
)
app.synth()
