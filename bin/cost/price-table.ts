/** The shape of a table of prices: that of the one which comes with this package, and of the user's file. */

/** Dollars: an hour, unless the name or its comment says otherwise. */
export interface PlacePrices {
  readonly fargate: {
    readonly x86?: { readonly vcpu: number; readonly gb: number };
    readonly arm?: { readonly vcpu: number; readonly gb: number };
    /** A GB of disk beyond the first 20. */
    readonly diskGb?: number;
    /** The share that Spot is cheaper by. */
    readonly spotDiscount?: number;
  };
  /** By instance type, or by family: the price of its `large`, to which its other sizes are in proportion. */
  readonly ec2: Readonly<Record<string, number>>;
  readonly ec2SpotDiscount: number;
  /** What ECS Managed Instances cost beside the instance, as a share of its price on demand. */
  readonly managedInstancesFee: number;
  /** A GB of volume, a month. */
  readonly diskGbMonth: number;
  readonly loadBalancer: { readonly hour: number; readonly capacityUnit: number };
  readonly natGateway: number;
  readonly vpcEndpoint: number;
  readonly publicIp: number;
  /** A GB that is taken in. */
  readonly logsGb: number;
  /** These are a month. */
  readonly metric: number;
  readonly alarm: number;
  readonly highResolutionAlarm: number;
  readonly compositeAlarm: number;
  readonly dashboard: number;
  readonly secret: number;
  readonly webAcl: number;
  readonly webAclRule: number;
  readonly webAclMillionRequests: number;
  /** Real-time endpoints, by instance type with its `ml.`: where one is missing, EC2's price times `sagemakerMarkup`. */
  readonly sagemaker: Readonly<Record<string, number>>;
  /** By instance type or family. */
  readonly sagemakerMarkup: Readonly<Record<string, number>>;
}

export interface PriceTable {
  /** When the prices were taken. */
  readonly date: string;
  readonly source: string;
  /** What is the same in all regions, or what a region does not say. */
  readonly everywhere: Partial<PlacePrices>;
  readonly regions: Readonly<Record<string, Partial<PlacePrices>>>;
}
