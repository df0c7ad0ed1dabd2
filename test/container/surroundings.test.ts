/** What a replica may have beside its model: secrets, a file system, further containers. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, Secret } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Secret as StoredSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Access, ModelApi, ModelHandler, ModelPlatform, ServingVolume } from 'cdk-model-api';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { declareIn } from './declared';
import { modelWith } from './model-copy';
import { Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;
const WEIGHTS = '/mnt/weights';

/** Says what it finds around itself. */
const HANDLER = `import os, time, urllib.request

def predict():
    return {"token": os.environ["TOKEN"], "weights": open("${WEIGHTS}/weights").read(), "written": write(), "beside": beside()}

def write():
    try:
        open("${WEIGHTS}/new", "w")
    except OSError as error:
        return error.strerror

def beside():
    while True:
        try:
            return urllib.request.urlopen("http://127.0.0.1:9000/").read().decode()
        except OSError:
            time.sleep(0.05)
`;

const BESIDE = `import http.server as http
class Answer(http.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from beside")
http.HTTPServer(("127.0.0.1", 9000), Answer).serve_forever()
`;

function define(app: App, handler: ModelHandler): void {
  const stack = new Stack(app, 'Container');
  const vpc = new Vpc(stack, 'Vpc');
  const token = Secret.fromSecretsManager(StoredSecret.fromSecretNameV2(stack, 'Token', 'token'));
  new ModelApi(stack, 'Model', {
    handler,
    access: Access.internal(),
    platform: new ModelPlatform(stack, 'Platform', { vpc }),
    secrets: { TOKEN: token },
    volumes: [ServingVolume.efs({ fileSystem: new FileSystem(stack, 'Weights', { vpc }), path: WEIGHTS })],
    extraContainers: {
      beside: {
        image: ContainerImage.fromRegistry('public.ecr.aws/docker/library/python:3.11-slim-bookworm'),
        command: ['python3', '-c', BESIDE],
      },
    },
  });
}

/** A file of root's that everybody may read, as on a new file system. */
function fileSystem(): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-weights-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o777);
  writeFileSync(join(folder, 'weights'), 'ten gigabytes', { mode: 0o644 });
  return folder;
}

describeWith(['docker'], 'a replica with more than its model', () => {
  test(
    'reads its secret, reads and does not write its file system, and reaches the container beside it',
    async () => {
      const handler = ModelHandler.fromDirectory(modelWith({ 'predict.py': HANDLER }));
      const declared = declareIn((app) => define(app, handler));
      const surroundings = { secrets: { TOKEN: 's3cret' }, fileSystems: { [WEIGHTS]: fileSystem() } };
      const replica = await Replica.run(declared, surroundings);
      onTestFinished(() => replica.task.remove());
      expect(await replica.predict({})).toEqual({
        token: 's3cret',
        weights: 'ten gigabytes',
        written: 'Read-only file system',
        beside: 'hello from beside',
      });
    },
    BUILD_TIMEOUT_MS,
  );
});
