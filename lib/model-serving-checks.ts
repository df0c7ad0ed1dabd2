/**
 * Rules for ECS services that serve models, whoever declared them, as a plugin of the CDK's own validation: it finds, at
 * synthesis, what takes a model down or leaves it open, and says what to do. Needs no further package.
 */
import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  PolicyViolation,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isAcknowledged } from './checks/acknowledgements';
import { alarms } from './checks/alarms';
import { deadlines } from './checks/deadlines';
import { gpuWarmUp } from './checks/gpu-warm-up';
import { imageTags } from './checks/image-tags';
import { loadGrace } from './checks/load-grace';
import { logRetention } from './checks/log-retention';
import { maximum } from './checks/maximum';
import { publicAccess } from './checks/public-access';
import { Resources } from './checks/resources';
import { rollback } from './checks/rollback';
import type { Rule, Verdict } from './checks/rule';
import { servedServices } from './checks/served-service';
import { singleReplica } from './checks/single-replica';

const RULES: readonly Rule[] = [
  loadGrace,
  maximum,
  singleReplica,
  publicAccess,
  gpuWarmUp,
  imageTags,
  alarms,
  deadlines,
  rollback,
  logRetention,
];

const PACK = 'ModelServing';

/**
 * Rules for every ECS service of an app, or of a part of it, that serves a model: those of a `ModelApi` and any other.
 *
 * ```ts
 * Validations.of(app).addPlugins(new ModelServingChecks(app));
 * Validations.of(api).acknowledge({ id: 'ModelServing-SingleReplica', reason: 'A demonstration, for one of us.' });
 * ```
 *
 * Errors stop the synthesis, warnings do not. What only the deployment knows is not judged: an information says so.
 */
export class ModelServingChecks implements IPolicyValidationPlugin {
  /** The name of the pack, which its rules begin with. */
  public readonly name: string = PACK;

  /** The ids of its rules. */
  public readonly ruleIds?: string[] = RULES.map(idOf);

  /**
   * @param scope what the rules are for: services below it are judged, by all that the app says of them. The whole app
   * where it is left out.
   */
  constructor(private readonly scope?: IConstruct) {}

  /**
   * Judges the services. The CDK calls it when it has synthesized the app.
   *
   * @param context what was synthesized
   */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const { appConstruct } = context;
    const scope = this.scope ?? appConstruct;
    const services = servedServices(new Resources(appConstruct));
    const judged = services.filter(({ service }) => service.construct.node.scopes.includes(scope));
    const all = judged.flatMap((service) =>
      RULES.flatMap((rule) =>
        rule.judge(service).map((verdict) => ({ rule, verdict, isOurs: service.overlay !== undefined })),
      ),
    );
    const open = unique(all.filter(({ rule, verdict }) => !isAcknowledged(verdict.at.construct, idOf(rule))));
    const isError = ({ rule, verdict }: Found) => rule.level === 'error' && verdict.isJudged;
    return { success: !open.some(isError), violations: open.map(violationOf) };
  }
}

interface Found {
  readonly rule: Rule;
  readonly verdict: Verdict;
  readonly isOurs: boolean;
}

function idOf({ name }: Pick<Rule, 'name'>): string {
  return `${PACK}-${name}`;
}

/** Two services may share a task definition or a log group. */
function unique(all: readonly Found[]): Found[] {
  const keyOf = ({ rule, verdict }: Found) => JSON.stringify([rule.name, verdict.at.path, verdict.says]);
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

function violationOf({ rule, verdict, isOurs }: Found): PolicyViolation {
  const { at, property, says, isJudged } = verdict;
  return {
    ruleName: idOf(rule),
    severity: isJudged ? rule.level : 'info',
    description: isJudged ? `${says}. ${rule.why}` : `Not judged: ${says}.`,
    fix: isOurs ? rule.remedy.ours : rule.remedy.others,
    violatingResources: [{ constructPath: at.path, locations: [`Properties.${property}`] }],
  };
}
