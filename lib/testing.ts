/** What makes tests of stacks with model APIs quiet and fast. */
import type { App } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { STUB_IMAGES_CONTEXT } from './image/model-image';

/** Help for testing your own stacks. */
export class Testing {
  /**
   * Lets the images, and the code of the probe functions, of all model APIs render constants.
   *
   * Snapshots of your templates then change when your declarations do, and neither with a model's files nor with a
   * release of this library. Call it first, before the app has children.
   *
   * @param app the app that a test synthesizes
   */
  public static stubImages(app: App): void {
    if (app.node.children.length > 0) {
      const [{ node }] = app.node.children as [IConstruct];
      throw new Error(`Testing.stubImages(app) must come before the app's first stack (${node.path} is there already)`);
    }
    app.node.setContext(STUB_IMAGES_CONTEXT, true);
  }

  private constructor() {}
}
