/**
 * The network of an ECS task, as far as the AWS SDK looks: at 169.254.170.2 stand the credentials of the task's role.
 * Whatever else listens on that address of this machine, such as an emulator, a container in the network reaches too.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { docker } from './docker';

const CREDENTIALS_HOST = '169.254.170.2';
const SUBNET = '169.254.170.0/29';
const NAME = 'model-api-task';
const CREDENTIALS_PATH = '/v2/credentials/task-role';

export class TaskNetwork {
  /** How often the role's credentials have been asked for. */
  asked = 0;
  readonly name = NAME;
  readonly host = CREDENTIALS_HOST;
  readonly #credentials = createServer((request, response) => {
    this.asked += 1;
    response.writeHead(request.url === CREDENTIALS_PATH ? 200 : 404).end(JSON.stringify(roleCredentials()));
  });

  static async start(): Promise<TaskNetwork> {
    // A run that was killed leaves its network behind, and two with these addresses cannot be.
    const isThere = docker('network', 'ls', '--quiet', '--filter', `name=^${NAME}$`) !== '';
    if (!isThere) docker('network', 'create', '--subnet', SUBNET, '--gateway', CREDENTIALS_HOST, NAME);
    const network = new TaskNetwork();
    await once(network.#credentials.listen(80, CREDENTIALS_HOST), 'listening');
    return network;
  }

  /** What ECS tells the container. */
  get environment(): Record<string, string> {
    return { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: CREDENTIALS_PATH };
  }

  stop(): void {
    this.#credentials.close();
    this.#credentials.closeAllConnections();
    docker('network', 'rm', NAME);
  }
}

function roleCredentials(): object {
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  return { AccessKeyId: 'ASIATASKROLE', SecretAccessKey: 'secret', Token: 'token', Expiration };
}
