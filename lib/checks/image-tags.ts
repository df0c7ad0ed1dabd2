/** A tag can be moved: what runs is then decided in a registry, by whoever pushes, and not by a reviewed template. */
import { STUB_IMAGE } from '../image/model-image';
import type { Property } from './property';
import type { Resource, Resources } from './resources';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const imageTags: Rule = {
  name: 'MutableTag',
  level: 'error',
  why: 'Whoever pushes to the tag changes what the next replica runs, without a deployment that anybody reviews; and to go back to the template of last week does not bring back the model of last week.',
  remedy: {
    ours: 'Name the image by its digest (sha256:…), such as by ModelHandler.fromEcr(repository, digest), let the CDK build it (ModelHandler.fromDirectory), or keep it in a repository of this app with immutable tags. Acknowledge where the repository of another app has them.',
    others:
      'Name the image by its digest (sha256:…), let the CDK build it (ContainerImage.fromAsset), or keep it in a repository of this app with immutable tags. Acknowledge where the repository of another app has them.',
  },
  judge,
};

const PROPERTY = 'ContainerDefinitions';

function judge({ service, taskDefinition, containers, resources }: ServedService): Verdict[] {
  // An external controller brings one with each of its task sets.
  if (!service.at('TaskDefinition').isGiven) return [];
  if (!taskDefinition) {
    const says = 'What a replica runs is not said by this app, or known at deployment only';
    return [notJudged(service, 'TaskDefinition', says)];
  }
  return containers.flatMap((container) => judgeImage(taskDefinition, container, resources));
}

function judgeImage(taskDefinition: Resource, container: Property, resources: Resources): Verdict[] {
  const image = container.at('Image');
  const name = container.at('Name').text ?? 'a container';
  const tag = tagOf(image);
  if (tag === 'open') {
    return [notJudged(taskDefinition, PROPERTY, `What tag the image of ${name} has is known at deployment only`)];
  }
  if (tag === 'fixed' || isImmutable(image, resources)) return [];
  const says = tag.name === undefined ? 'has no tag, which means latest' : `has the tag ${tag.name}`;
  return [found(taskDefinition, PROPERTY, `The image of ${name} ${says}`)];
}

/** Neither digests nor the hashes by which the CDK calls what it builds ever mean another image. */
const DIGEST = /@sha256:[0-9a-f]+$/;
const TAG = /:([^:/@]+)$/;
const CONTENT_HASH = /[0-9a-f]{64}$/;

function tagOf(image: Property): 'open' | 'fixed' | { readonly name?: string } {
  const { ending } = image;
  // A name of no image at all: it stands for one that is built.
  if (image.text === STUB_IMAGE) return 'fixed';
  if (!ending) return 'open';
  if (DIGEST.test(ending.text)) return 'fixed';
  const [, name] = TAG.exec(ending.text) ?? [];
  if (name !== undefined) return CONTENT_HASH.test(name) ? 'fixed' : { name };
  // Before what is known of the last segment of its name there may be more of it.
  return ending.isWhole || ending.text.includes('/') ? {} : 'open';
}

function isImmutable({ targets }: Property, resources: Resources): boolean {
  const repository = resources.of('repository').find(({ path }) => targets.includes(path));
  return repository?.at('ImageTagMutability').text === 'IMMUTABLE';
}
