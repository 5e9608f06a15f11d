/**
 * Client of the Zalopay merchant API, version 2, for Sen and for the provider's own hosts.
 *
 * Amounts are whole Vietnamese đồng. Times are milliseconds since 1970 unless a member says seconds. Days are those of
 * GMT+7.
 *
 * @module
 */
export * from "./app.js";
export * from "./callback.js";
export * from "./catalogue.js";
export * from "./client.js";
export * from "./errors.js";
export { callbackFormula, operations, redirectFormula } from "./generated/operations.js";
export type { AgreementCallback, Bank, BalanceChannel, CallbackAnswer, OrderCallback } from "./generated/schema.js";
export * from "./redirect.js";
export * from "./sign.js";
export { URLs, type CallOptions, type ClientOptions } from "./transport.js";
