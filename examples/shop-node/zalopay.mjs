// The Zalopay merchant API, as far as the shop needs it. Copy this file.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const env = process.env;
// The defaults are the public keys of a sandbox. Yours come from the
// environment, and never into a repository.
const base = env.ZALOPAY_BASE_URL ?? "http://127.0.0.1:8080"; // or https://sb-openapi.zalopay.vn, https://openapi.zalopay.vn
const appID = env.ZALOPAY_APP_ID ?? "2553";
const key1 = env.ZALOPAY_KEY1 ?? "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"; // signs what we send
const key2 = env.ZALOPAY_KEY2 ?? "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"; // signs what we are sent

// What each mac covers, in this order, with | between; "key1" is the key itself.
const SIGNED = {
  "/v2/create": "app_id app_trans_id app_user amount app_time embed_data item",
  "/v2/query": "app_id app_trans_id key1",
  "/v2/refund": "app_id zp_trans_id amount description timestamp",
  "/v2/query_refund": "app_id m_refund_id timestamp",
  "/v2/agreement/bind": "app_id app_trans_id binding_data binding_type identifier max_amount req_date",
  "/v2/agreement/query": "app_id app_trans_id req_date",
  "/v2/agreement/pay": "app_id identifier zp_trans_token pay_token req_date",
  "/v2/agreement/unbind": "app_id identifier binding_id req_date",
};

const hmac = (key, text) => createHmac("sha256", key).update(text).digest("hex");

// In constant time, so that a forger can't find a mac digit by digit.
function same(good, given) {
  const a = Buffer.from(good), b = Buffer.from(String(given ?? ""));
  return a.length === b.length && timingSafeEqual(a, b);
}

// call sends an operation and returns the answer, refusals included: the HTTP
// status is 200 for those too, and return_code tells (1 yes, 2 no, 3 under way).
export async function call(path, fields) {
  const members = { app_id: appID, ...fields };
  const value = (name) => (name === "key1" ? key1 : (members[name] ?? "")); // what is not sent counts as empty
  members.mac = hmac(key1, SIGNED[path].split(" ").map(value).join("|"));
  const answer = await fetch(base + path, { method: "POST", body: new URLSearchParams(members), signal: AbortSignal.timeout(30_000) });
  if (answer.status !== 200) throw new Error(`${path}: HTTP ${answer.status}`);
  return answer.json();
}

// Today's date at GMT+7 as yymmdd, whatever the zone of this machine is.
const today = () => new Date(Date.now() + 7 * 3600_000).toISOString().slice(2, 10).replaceAll("-", "");
const random = () => randomBytes(8).toString("hex");

// An app_trans_id must begin with today's date (-401 otherwise). It is gone for
// good once it was used (-68), also when that order was never paid.
export const newID = () => `${today()}_${random()}`;
export const newRefundID = () => `${today()}_${appID}_${random()}`;

// readCallback returns {type, data}, or null if the gateway did not send it. The
// mac is over the string data exactly as it was received: decoding and encoding
// it again would change the text.
export function readCallback(body) {
  try {
    const { data, mac, type } = JSON.parse(body);
    if (typeof data !== "string" || !same(hmac(key2, data), mac)) return null;
    const decoded = JSON.parse(data);
    return String(decoded.app_id) === appID ? { type, data: decoded } : null;
  } catch {
    return null;
  }
}

// goodRedirect checks what the payment page has added to our address.
export function goodRedirect(query) {
  const signed = ["appid", "apptransid", "pmcid", "bankcode", "amount", "discountamount", "status"];
  return same(hmac(key2, signed.map((name) => query.get(name) ?? "").join("|")), query.get("checksum"));
}
