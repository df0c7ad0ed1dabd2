/** Where every key of a table of prices is explained: the package does not bring its documents. */
export const PRICES_PAGE = 'https://github.com/cdk-model-api/cdk-model-api/blob/main/docs/cost.md#prices';
