/** What `bench/dev.ts` compares with: the pattern of the CDK for the same shape of service, from a ready image. */
import { App, Stack } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';

const app = new App();
new ApplicationLoadBalancedFargateService(new Stack(app, 'Bench'), 'Service', {
  taskImageOptions: { image: ContainerImage.fromRegistry('example') },
  publicLoadBalancer: false,
});
app.synth();
