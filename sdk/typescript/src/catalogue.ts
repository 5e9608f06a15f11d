import type { operations } from "./generated/operations.js";
import { returnCodeTable, statusTable } from "./generated/statuses.js";

/** The name of an operation of the merchant API, such as "create_order". */
export type OperationName = keyof typeof operations;

/** What has status values: an operation, or the page to which a payer comes back. */
export type StatusOperation = OperationName | "redirect";

/** The values of return_code, the overall result in every answer. */
export const ReturnCodes = {
  /** Carried out. */
  Success: 1,
  /** Refused or failed; the sub code says why. */
  Failure: 2,
  /** No final result yet: query again. */
  Processing: 3,
} as const;

/**
 * What a caller may do with a request after its answer: `never` (the answer is final), `same` (the same request may be
 * sent again later), `changed` (only another request can succeed) or `query` (ask for the outcome first; sending again
 * could act twice).
 */
export type Retry = "never" | "same" | "changed" | "query";

/**
 * Whether the order, refund or binding that an answer speaks of may still change: `final`, `open`, or `none` (the answer
 * is about the request only).
 */
export type Finality = "final" | "open" | "none";

/** The same in Vietnamese and in English. */
export interface Text {
  readonly vi: string;
  readonly en: string;
}

/** One value that an operation answers in sub_return_code, and what it means. */
export interface Status {
  /** The operation that answers it, or "redirect". */
  readonly operation: StatusOperation;
  /** sub_return_code. */
  readonly value: number;
  /** The provider's name, misspellings included: compare values. */
  readonly name: string;
  /** The return_code that goes with it. */
  readonly return_code: number;
  readonly retry: Retry;
  /** Whether the same request may be sent again later. */
  readonly retryable: boolean;
  readonly finality: Finality;
  /** Whether the provider's tables have it. */
  readonly documented: boolean;
  /** Short message, sent as sub_return_message. */
  readonly text: Text;
  /** The state that earns the value. */
  readonly meaning: Text;
  /** What to do about it. */
  readonly action: Text;
}

/** A value of return_code and what it means. */
export interface ReturnCode {
  readonly value: number;
  readonly name: string;
  readonly text: Text;
  readonly meaning: Text;
  readonly action: Text;
}

/**
 * The English text for "en" and its regions ("en-US"), and the Vietnamese one for every other language, as the provider
 * does.
 */
export function textIn(text: Text, language: string): string {
  return language.split("-")[0]?.toLowerCase() === "en" ? text.en : text.vi;
}

let all: readonly Status[] | undefined;

/** All status values, those of one operation together. Cards answer some in the words of wallets, and the reverse. */
export function statuses(): readonly Status[] {
  all ??= Object.entries(statusTable).flatMap(([operation, values]) =>
    values.map((value) =>
      Object.freeze({ ...value, operation: operation as StatusOperation, retryable: value.retry === "same" }),
    ),
  );
  return all;
}

/** What a value means as a sub_return_code of an operation, or as the status of a "redirect". */
export function lookup(operation: StatusOperation, value: number): Status | undefined {
  return statuses().find((status) => status.operation === operation && status.value === value);
}

/** What a return_code means. */
export function lookupReturnCode(value: number): ReturnCode | undefined {
  return returnCodeTable.find((code) => code.value === value);
}
