"""moto's own server, with the few differences that let the CDK's command line work against it; it simulates no service.

- A template is fetched from the bucket that its URL names in the path: the endpoint is an IP address, as the AWS SDK
  then leaves the bucket in the path, while moto looks for it in the host name.
- A container repository lives in the registry that `MODEL_API_TEST_REGISTRY` names, so that a push can arrive.
- CloudFormation knows the full names of load balancers and target groups, which moto fails to look up in their ARNs, and
  the zone of a load balancer's name.
- A reference to a resource that CloudFormation leaves out is an ARN that nothing has, instead of an error or nothing.
- A stack that was deployed by a change set has outputs and exports, and may import those of others.
- CloudFormation knows `Fn::GetStackOutput`, which the CDK writes where one stack refers to another.
- The hosted zone `example.com` gets the id by which the examples import it.
- CloudFormation deletes what the table `DELETIONS` lists. moto deletes those only through their services' APIs, and
  refuses to delete a VPC that still has route tables.
"""

import os
import sys
from functools import cached_property

from moto.cloudformation import parsing
from moto.cloudformation import responses as cloudformation
from moto.cloudformation.models import ChangeSet, cloudformation_backends
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.ec2.models import ec2_backends
from moto.ec2.models.route_tables import RouteTable
from moto.ecr.models import Repository
from moto.ecr.responses import ECRResponse
from moto.ecs.models import Cluster, TaskDefinition, ecs_backends
from moto.elbv2.models import FakeListenerRule, FakeLoadBalancer, FakeTargetGroup, elbv2_backends
from moto.route53.models import HostedZoneIdentifier
from moto.server import main
from moto.utilities.id_generator import moto_id_manager

REGISTRY = os.environ.get("MODEL_API_TEST_REGISTRY")
ACCOUNT = "123456789012"
ZONE = HostedZoneIdentifier(ACCOUNT, "example.com.", None)

create_repository = Repository.__init__
authorize = ECRResponse.get_authorization_token
load_balancer_attribute = FakeLoadBalancer.get_cfn_attribute
clean_json = parsing.clean_json
apply = ChangeSet.apply


def template_by_path(template_url, **options):
    return get_stack_from_s3_url(template_url.replace("127.0.0.1", "localhost"), **options)


def create_local_repository(repository, *args, **options):
    create_repository(repository, *args, **options)
    repository.uri = f"{REGISTRY}/{repository.name}"


def authorize_locally(response):
    answer = authorize(response)
    for data in answer.result["authorizationData"]:
        data["proxyEndpoint"] = f"http://{REGISTRY}"
    return answer


def clean_more(value, resources):
    if isinstance(value, dict) and "Fn::GetStackOutput" in value:
        return stack_output(value["Fn::GetStackOutput"], resources["AWS::AccountId"], resources["AWS::Region"])
    if isinstance(value, dict) and is_left_out(referred := value.get("Ref") or value.get("Fn::GetAtt"), resources):
        name = referred if isinstance(referred, str) else referred[0]
        # Of this kind, because a listener does not look up a certificate of IAM's.
        return f"arn:aws:iam::{resources['AWS::AccountId']}:server-certificate/left-out/{name}"
    return clean_json(value, resources)


def is_left_out(reference, resources):
    name = reference[0] if isinstance(reference, list) else reference
    # Conditions are cleaned with a plain dictionary.
    resource = isinstance(name, str) and getattr(resources, "_resource_json_map", {}).get(name)
    return bool(resource) and resource["Type"] not in parsing.get_model_map()


def stack_output(output, *place):
    stack = of(cloudformation_backends, *place).get_stack(output["StackName"])
    return stack.output_map[output["OutputName"]].value


class KnownOutputs(parsing.OutputMap):
    """Read once: moto would define the resources of a deleted stack anew to say what it exported."""

    exports = cached_property(parsing.OutputMap.exports.fget)


def apply_with_outputs(change_set):
    stack = change_set.stack
    exports = of(cloudformation_backends, stack.account_id, stack.region_name).exports
    stack.resource_map.cross_stack_resources = exports
    apply(change_set)
    stack.output_map = KnownOutputs(stack.resource_map, change_set.template_dict, stack.stack_id)
    exports.update({export.name: export for export in stack.exports})


def more_of_load_balancer(load_balancer, name):
    if name == "LoadBalancerFullName":
        return load_balancer.arn.split(":loadbalancer/")[1]
    if name == "CanonicalHostedZoneID":
        return load_balancer.canonical_hosted_zone_id
    return load_balancer_attribute(load_balancer, name)


def target_group_attribute(target_group, name):
    attributes = {
        "TargetGroupArn": target_group.arn,
        "TargetGroupName": target_group.name,
        "TargetGroupFullName": target_group.arn.split(":")[-1],
    }
    return attributes[name]


DELETIONS = {
    RouteTable: lambda table, *place: of(ec2_backends, *place).delete_route_table(table.id),
    FakeListenerRule: lambda rule, *place: of(elbv2_backends, *place).delete_rule(rule.arn),
    FakeTargetGroup: lambda group, *place: of(elbv2_backends, *place).delete_target_group(group.arn),
    Cluster: lambda cluster, *place: of(ecs_backends, *place).delete_cluster(cluster.name),
    TaskDefinition: lambda task, *place: of(ecs_backends, *place).deregister_task_definition(task.arn),
}


def of(backends, account_id, region_name):
    return backends[account_id][region_name]


cloudformation.get_stack_from_s3_url = template_by_path
parsing.clean_json = clean_more
ChangeSet.apply = apply_with_outputs
moto_id_manager.set_custom_id(ZONE, "Z0123456789EXAMPLE")
FakeLoadBalancer.get_cfn_attribute = more_of_load_balancer
FakeTargetGroup.get_cfn_attribute = target_group_attribute
for resource, delete in DELETIONS.items():
    resource.delete = delete
if REGISTRY:
    Repository.__init__ = create_local_repository
    ECRResponse.get_authorization_token = authorize_locally

if __name__ == "__main__":
    main(sys.argv[1:])
