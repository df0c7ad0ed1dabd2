"""A user's whole app; the twin of `Served` in `app.ts`."""

import jsii
from aws_cdk import App, Duration, Stack
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_ec2 import Peer
from aws_cdk.aws_ecs import ContainerDefinitionOptions, ContainerImage
from aws_cdk.aws_sns import Topic
from cdk_model_api import (
    Access,
    IAlarmActionStrategy,
    LatencyThreshold,
    ModelApi,
    ModelHandler,
    Monitoring,
    Scaling,
)


@jsii.implements(IAlarmActionStrategy)
class Pager:
    """Behaviour of the app's own, which the library calls."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    def add_alarm_actions(self, *, alarm, severity, alarm_type, api_name) -> None:
        if severity == "Critical":
            alarm.add_alarm_action(SnsAction(self._topic))


app = App(analytics_reporting=False)
stack = Stack(app, "Served")
topic = Topic(stack, "Topic")
agent = ContainerDefinitionOptions(image=ContainerImage.from_registry("registry.example/agent"), memory_limit_mib=64)
ModelApi(
    stack,
    "Model",
    handler=ModelHandler.from_directory("model"),
    access=Access.internal(allow_from=[Peer.ipv4("10.0.0.0/8")]),
    config={"threshold": 0.5},
    scaling=Scaling.on_concurrency(min_replicas=2),
    monitoring=Monitoring.standard(
        actions=Pager(topic),
        latency_alarm={"Critical": LatencyThreshold(max_latency=Duration.seconds(2))},
    ),
    extra_containers={"agent": agent},
)
app.synth()
