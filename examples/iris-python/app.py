"""The API of `examples/iris` as a Python CDK app: the same model directory, the same declaration, the same template."""

import os
from pathlib import Path

from aws_cdk import App, Environment, Stack
from cdk_model_api import Access, ModelApi, ModelHandler
from constructs import Construct

MODEL = Path(__file__).parent.parent / "iris" / "model"


class IrisStack(Stack):
    def __init__(self, scope: Construct, id: str, **options) -> None:
        super().__init__(scope, id, **options)

        ModelApi(
            self,
            "Iris",
            handler=ModelHandler.from_directory(str(MODEL)),
            access=Access.internal(),
        )


app = App()
account, region = os.environ.get("CDK_DEFAULT_ACCOUNT"), os.environ.get("CDK_DEFAULT_REGION")
IrisStack(app, "iris-example", env=Environment(account=account, region=region))
app.synth()
