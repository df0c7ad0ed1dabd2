/** A dashboard's body as CloudWatch reads it, with references in angle brackets. */

export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly metrics?: readonly unknown[][];
    readonly alarms?: readonly string[];
    readonly query?: string;
    readonly yAxis?: { readonly [side: string]: { readonly label?: string; readonly min?: number } };
    readonly annotations?: { readonly horizontal: readonly { readonly value: number; readonly label: string }[] };
  };
}

export interface Page {
  readonly periodOverride?: string;
  readonly widgets: readonly Widget[];
}

interface DashboardProperties {
  readonly DashboardBody: string | { readonly 'Fn::Join': [string, readonly (string | object)[]] };
}

export function pageOf({ DashboardBody: body }: DashboardProperties): Page {
  const parts = typeof body === 'string' ? [body] : body['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : `<${referred(part)}>`)).join(''));
}

/** Names of the metrics of replicas on a page. */
export function drawnIn({ widgets }: Page): Set<string> {
  const metrics = widgets.flatMap(({ properties }) => properties.metrics ?? []);
  return new Set(metrics.filter(([namespace]) => namespace === 'ModelApi').map(([, name]) => String(name)));
}

/** The logical id that a reference leads to. */
function referred(reference: object): string {
  return /"(?:Ref|Fn::GetAtt)":\[?"([\w:]+)"/.exec(JSON.stringify(reference))?.[1] ?? 'something';
}
