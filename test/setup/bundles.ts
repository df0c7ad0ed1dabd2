/** Tests run the bundles that users run; they are rebuilt before each run, so no test sees an old build. */
import { bundles } from '../../scripts/build.mjs';

export default async function setup(): Promise<void> {
  await bundles();
}
