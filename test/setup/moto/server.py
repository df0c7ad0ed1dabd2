"""moto's own server, with three differences that let the CDK's command line work against it; it simulates nothing more.

- A template is fetched from the bucket that its URL names in the path: the endpoint is an IP address, as the AWS SDK
  then leaves the bucket in the path, while moto looks for it in the host name.
- A container repository lives in the registry that `MODEL_API_TEST_REGISTRY` names, so that a push can arrive.
- CloudFormation deletes route tables. moto does so only through EC2's API and then refuses to delete their VPC.
"""

import os
import sys

from moto.cloudformation import responses as cloudformation
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.ec2.models import ec2_backends
from moto.ec2.models.route_tables import RouteTable
from moto.ecr.models import Repository
from moto.ecr.responses import ECRResponse
from moto.server import main

REGISTRY = os.environ.get("MODEL_API_TEST_REGISTRY")


def template_by_path(template_url, **options):
    return get_stack_from_s3_url(template_url.replace("127.0.0.1", "localhost"), **options)


def delete_route_table(route_table, account_id, region_name):
    ec2_backends[account_id][region_name].delete_route_table(route_table.id)


create_repository = Repository.__init__
authorize = ECRResponse.get_authorization_token


def create_local_repository(repository, *args, **options):
    create_repository(repository, *args, **options)
    repository.uri = f"{REGISTRY}/{repository.name}"


def authorize_locally(response):
    answer = authorize(response)
    for data in answer.result["authorizationData"]:
        data["proxyEndpoint"] = f"http://{REGISTRY}"
    return answer


cloudformation.get_stack_from_s3_url = template_by_path
RouteTable.delete = delete_route_table
if REGISTRY:
    Repository.__init__ = create_local_repository
    ECRResponse.get_authorization_token = authorize_locally

if __name__ == "__main__":
    main(sys.argv[1:])
