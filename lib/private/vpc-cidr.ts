/** The address range of a VPC, or an error that says what to give instead. */
import type { CfnVPC, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { isKnown } from './check';

/** As text where synth can see it, so that nobody has to look up what a reference stands for. */
export function cidrOf(scope: IConstruct, vpc: IVpc, access: string): string {
  const declared = (vpc.node.defaultChild as CfnVPC | undefined)?.cidrBlock;
  return isKnown(declared) ? declared : importedCidrOf(scope, vpc, access);
}

function importedCidrOf(scope: IConstruct, vpc: IVpc, access: string): string {
  try {
    return vpc.vpcCidrBlock;
  } catch {
    // Reading it is the only way to learn that an imported VPC does not know it.
    throw new Error(
      `[${scope.node.path}] ${access} admits the VPC's addresses, and the VPC ${vpc.node.path} was imported without vpcCidrBlock: give allowFrom, such as { allowFrom: [ec2.Peer.ipv4('10.0.0.0/16')] }`,
    );
  }
}
