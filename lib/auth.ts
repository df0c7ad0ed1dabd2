/**
 * How a caller proves who it is: to the load balancer before a replica is asked (`jwt`), or to the replica itself
 * (`apiKeys`). There is no default: that nobody has to is for the API's owner to say aloud.
 */
import { Annotations } from 'aws-cdk-lib';
import type { CfnListener, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { Check, isKnown } from './private/check';
import { JwtAction } from './private/jwt-action';

/** What a load balancer does with a request before it forwards it to an API. */
export interface IListenerAuthentication {
  /**
   * An action that lets through to the next one whom it accepts.
   *
   * @param next what becomes of an accepted request: it is forwarded to the replicas
   */
  authenticate(next: ListenerAction): ListenerAction;
}

/** How the claim of a token is written. */
export enum JwtClaimFormat {
  /** One text: the claim must be one of the values. */
  SINGLE_STRING = 'single-string',
  /** A JSON array of texts. */
  STRING_ARRAY = 'string-array',
  /** Words between spaces, as `scope` has them. */
  SPACE_SEPARATED = 'space-separated-values',
}

/** A claim that a token must carry. */
export interface JwtClaim {
  /** The claim's name, such as `aud`. Never `iss`, `exp`, `nbf` or `iat`, which are always verified. */
  readonly name: string;

  /** What the claim must hold: 1 to 10 values of at most 256 characters. */
  readonly values: string[];

  /**
   * How the claim is written.
   *
   * @default JwtClaimFormat.SINGLE_STRING
   */
  readonly format?: JwtClaimFormat;
}

/** Whose tokens are accepted. */
export interface JwtAuthOptions {
  /** Who issued the token: an HTTPS URL, exactly as it stands in the claim `iss`. */
  readonly issuer: string;

  /**
   * Where the issuer publishes its keys: an HTTPS URL that the load balancer can reach over the internet. At most 10 keys
   * and 150 KB; tokens must be signed by RS256.
   */
  readonly jwksEndpoint: string;

  /**
   * Further claims that a token must carry, at most 10; all of them must fit.
   *
   * @default - none, with a warning: every token of the issuer gets in, those for other applications too
   */
  readonly claims?: JwtClaim[];
}

/**
 * What an authentication asks of the parts of an API.
 *
 * @internal
 */
export interface AuthBinding {
  /** What it is called in messages. */
  readonly name: string;
  /** Whether what it reads must not travel in the clear. */
  readonly needsTls: boolean;
  /** The header by which a caller shows it, as `curl` takes it. */
  readonly header?: string;
  /** The keys that a replica lets in. */
  readonly apiKeys?: ISecret;
  /** What the load balancer does before it forwards. */
  readonly authentication?: IListenerAuthentication;
}

/** How a caller proves who it is. */
export abstract class Auth {
  /**
   * By a key in the header `X-Api-Key`, which each replica compares.
   *
   * The secret's value is a JSON object of key id → key, or → list of keys:
   * `{"mobile": "k3y-of-16-or-more", "batch": ["old-key-of-16-or-more", "new-key-of-16-or-more"]}`. Ids are letters,
   * digits, `_` and `-`, and tell callers apart in logs and metrics; a key has at least 16 characters. Replicas read the
   * secret again at most 60 seconds after a change. To rotate a key without refusing anybody, list old and new one, wait
   * a minute, change the callers, then take the old one out.
   *
   * The roles of replicas and probe function get the right to read the secret, and to decrypt by its key, in policies of
   * their own. A key of the CDK leaves that to IAM; one with a stricter policy has to let them in itself, and so have a
   * secret and its key in another account.
   *
   * @param secret the keys
   */
  public static apiKeys(secret: ISecret): Auth {
    return new ApiKeys(secret);
  }

  /**
   * By a JSON Web Token in the header `Authorization: Bearer …`, which the load balancer verifies before a replica is
   * asked. It needs HTTPS. A request without a valid token is answered with 401.
   *
   * @param options whose tokens, and which of them
   */
  public static jwt(options: JwtAuthOptions): Auth {
    return new Jwt({ ...options });
  }

  /** Nobody proves anything: whoever reaches the load balancer may predict. */
  public static none(): Auth {
    return new NoAuth();
  }

  /** @internal */
  public abstract _bind(scope: IConstruct): AuthBinding;
}

class NoAuth extends Auth {
  public _bind(): AuthBinding {
    return { name: 'Auth.none()', needsTls: false };
  }
}

class ApiKeys extends Auth {
  constructor(private readonly secret: ISecret) {
    super();
  }

  public _bind(scope: IConstruct): AuthBinding {
    const check = new Check(scope);
    check.that(this.secret !== undefined, 'Auth.apiKeys needs the secret that holds the keys');
    check.done();
    return { name: 'Auth.apiKeys', needsTls: false, header: 'X-Api-Key: $API_KEY', apiKeys: this.secret };
  }
}

/** What ALB verifies anyway, and refuses to be asked for. */
const VERIFIED_CLAIMS = ['iss', 'exp', 'nbf', 'iat'];
const MAX_CLAIMS = 10;
const MAX_URL_LENGTH = 256;

class Jwt extends Auth {
  constructor(private readonly options: JwtAuthOptions) {
    super();
  }

  public _bind(scope: IConstruct): AuthBinding {
    this.check(scope);
    if (!this.options.claims?.length) warnOfEveryToken(scope, this.options.issuer);
    return {
      name: 'Auth.jwt',
      needsTls: true,
      header: 'Authorization: Bearer $TOKEN',
      authentication: { authenticate: (next) => new JwtAction(this.validation(), next) },
    };
  }

  private validation(): CfnListener.JwtValidationConfigProperty {
    const { issuer, jwksEndpoint, claims } = this.options;
    const withFormat = claims?.map((claim) => ({ ...claim, format: claim.format ?? JwtClaimFormat.SINGLE_STRING }));
    return { issuer, jwksEndpoint, additionalClaims: withFormat?.length ? withFormat : undefined };
  }

  private check(scope: IConstruct): void {
    const check = new Check(scope);
    for (const name of ['issuer', 'jwksEndpoint'] as const) checkUrl(check, name, this.options[name]);
    const { claims = [] } = this.options;
    check.that(claims.length <= MAX_CLAIMS, `Auth.jwt claims must be at most ${MAX_CLAIMS} (got ${claims.length})`);
    for (const claim of claims) checkClaim(check, claim);
    const names = claims.map(({ name }) => name).filter(isKnown);
    for (const name of new Set(names.filter((name, index) => names.indexOf(name) < index))) {
      check.that(false, `Auth.jwt claims have ${JSON.stringify(name)} more than once: give one, with all its values`);
    }
    check.done();
  }
}

function checkUrl(check: Check, name: string, url: string | undefined): void {
  check.that(url !== undefined, `Auth.jwt needs ${name}`);
  if (!isKnown(url)) return;
  const fits = URL.canParse(url) && url.startsWith('https://') && url.length <= MAX_URL_LENGTH;
  check.that(
    fits,
    `Auth.jwt ${name} must be a URL that starts with https:// and has at most ${MAX_URL_LENGTH} characters (got ${JSON.stringify(url)})`,
  );
}

function checkClaim(check: Check, { name, values = [], format }: JwtClaim): void {
  check.that(Boolean(name), `Auth.jwt claims need a name, such as 'aud' (got ${JSON.stringify(name)})`);
  const claim = `Auth.jwt claim ${JSON.stringify(name)}`;
  check.that(!VERIFIED_CLAIMS.includes(name), `${claim} is verified anyway: leave it out`);
  check.that(values.length >= 1 && values.length <= 10, `${claim} must have 1 to 10 values (got ${values.length})`);
  for (const value of values.filter(isKnown)) {
    check.that(value.length >= 1, `${claim} has an empty value: leave it out`);
    check.that(value.length <= 256, `${claim} has a value of more than 256 characters (got ${value.length})`);
    check.that(
      format !== JwtClaimFormat.SPACE_SEPARATED || !value.includes(' '),
      `${claim} is read as words between spaces, and ${JSON.stringify(value)} holds a space: give each word by itself`,
    );
  }
}

function warnOfEveryToken(scope: IConstruct, issuer: string): void {
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:jwtWithoutClaims',
    `Auth.jwt without claims lets in every valid token of ${isKnown(issuer) ? issuer : 'the issuer'}, those issued for other applications too: give claims, such as [{ name: 'aud', values: ['my-api'] }]`,
  );
}
