/** Where a browser keeps the log's verifier key, which comes from elsewhere than the server. */
export const LOG = "deelgrond.log";
