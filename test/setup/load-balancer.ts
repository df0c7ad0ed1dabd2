/**
 * A stand-in for an Application Load Balancer: Debian's nginx on a loopback port. Like the load balancer it takes the
 * first rule whose pattern matches, passes the path on as it came, forwards Host and X-Forwarded-*, keeps connections to
 * its targets open, and retries nothing. Unlike it, it resolves `..` before it compares, asks no target for its health,
 * and closes its callers' idle connections when the rules change.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';

export interface Rule {
  /** With `*` for any characters and `?` for one. */
  readonly patterns: readonly string[];
  /** Each a `host:port`. With none, the answer is 503. */
  readonly targets: readonly string[];
}

export interface FixedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const TIMEOUT_MS = 30_000;
const NO_RULE: FixedAnswer = { status: 404, contentType: 'text/plain', body: 'no rule matches' };

export class LoadBalancer {
  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly nginx: ChildProcess,
    private readonly otherwise: FixedAnswer,
  ) {}

  /** The rules in the order in which they are asked, and the answer where none of them matches. */
  static async start(rules: readonly Rule[], otherwise = NO_RULE): Promise<LoadBalancer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'model-api-nginx-'));
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, rules, otherwise));
    const nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]);
    const balancer = new LoadBalancer(port, folder, nginx, otherwise);
    await balancer.until(async () => (await fetch(balancer.url).catch(() => undefined)) !== undefined);
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Routes by these rules from now on. Resolves when what went by the former ones has been answered. */
  async route(rules: readonly Rule[]): Promise<void> {
    writeFileSync(join(this.folder, 'nginx.conf'), configuration(this.folder, this.port, rules, this.otherwise));
    const former = this.workers();
    this.nginx.kill('SIGHUP');
    await this.until(() => !this.workers().some((worker) => former.includes(worker)));
  }

  async stop(): Promise<void> {
    const exited = once(this.nginx, 'exit');
    this.nginx.kill('SIGTERM');
    await exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A worker that was told to leave does so after its last answer. */
  private workers(): string[] {
    const { pid } = this.nginx;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  }

  private async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`nginx:\n${readFileSync(join(this.folder, 'error.log'), 'utf8')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function configuration(folder: string, port: number, rules: readonly Rule[], otherwise: FixedAnswer): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  ${rules.map(({ targets }, index) => upstream(`rule${index}`, targets)).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    merge_slashes off;
    proxy_http_version 1.1;
    proxy_next_upstream off;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Port $server_port;
    ${rules.map(({ patterns, targets }, index) => location(patterns, `rule${index}`, targets)).join('\n    ')}
    location / { default_type ${otherwise.contentType}; return ${otherwise.status} '${otherwise.body}'; }
  }
}
`;
}

function upstream(name: string, targets: readonly string[]): string {
  if (targets.length === 0) return '';
  const servers = targets.map((target) => `server ${target} max_fails=0;`).join(' ');
  return `upstream ${name} { least_conn; ${servers} keepalive 16; }`;
}

/** Of locations with expressions nginx takes the first that matches. */
function location(patterns: readonly string[], name: string, targets: readonly string[]): string {
  const answer = targets.length === 0 ? 'return 503;' : `proxy_pass http://${name};`;
  return `location ~ "^(?:${patterns.map(expression).join('|')})$" { ${answer} }`;
}

function expression(pattern: string): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}
