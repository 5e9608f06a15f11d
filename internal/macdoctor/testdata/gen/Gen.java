// Broken requests in the ways of Java clients. Prints one JSON record a line.
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.util.*;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Gen {
    static final String KEY1 = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", KEY2 = "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz";
    static final String K553 = "9phuAOYhan4urywHTh0ndEXiV3pKHr5Q", K7001 = "3f8a1c0d9be24756a1f0c3d2e4b59687";
    static final long NOW = 1795345088221L;
    static final String[] NAMES = {"app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data", "item"};

    interface Signer { String sign(Map<String, String> o) throws Exception; }

    static byte[] raw(String algorithm, byte[] key, byte[] text) throws Exception {
        Mac m = Mac.getInstance(algorithm);
        m.init(new SecretKeySpec(key, algorithm));
        return m.doFinal(text);
    }
    static String hex(byte[] b) {
        StringBuilder s = new StringBuilder();
        for (byte x : b) s.append(String.format("%02x", x));
        return s.toString();
    }
    static byte[] utf8(String s) { return s.getBytes(StandardCharsets.UTF_8); }
    static String mac(String key, String text) throws Exception { return hex(raw("HmacSHA256", utf8(key), utf8(text))); }
    static String mac(String key, byte[] text) throws Exception { return hex(raw("HmacSHA256", utf8(key), text)); }

    static String quote(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') b.append('\\').append(c);
            else if (c == '\n') b.append("\\n");
            else if (c == '\r') b.append("\\r");
            else if (c < ' ') b.append(String.format("\\u%04x", (int) c));
            else b.append(c);
        }
        return b.append('"').toString();
    }
    static String json(Map<String, String> o) {
        return o.entrySet().stream().map(e -> quote(e.getKey()) + ":" + quote(e.getValue())).collect(Collectors.joining(",", "{", "}"));
    }
    static String form(Map<String, String> o) throws Exception {
        StringBuilder b = new StringBuilder();
        for (Map.Entry<String, String> e : o.entrySet()) {
            if (b.length() > 0) b.append('&');
            b.append(URLEncoder.encode(e.getKey(), "UTF-8")).append('=').append(URLEncoder.encode(e.getValue(), "UTF-8"));
        }
        return b.toString();
    }
    static void emit(String op, Map<String, String> fields, String mac, String cause, boolean asJson, int app) throws Exception {
        Map<String, String> all = new LinkedHashMap<>(fields);
        all.put("mac", mac);
        String type = asJson ? "application/json;charset=UTF-8" : "application/x-www-form-urlencoded";
        System.out.write(utf8("{\"language\":\"java\",\"operation\":" + quote(op) + ",\"app_id\":" + app + ",\"cause\":" + quote(cause)
            + ",\"content_type\":" + quote(type) + ",\"body\":" + quote(asJson ? json(all) : form(all)) + "}\n"));
    }
    static String join(Map<String, String> o, String sep, String... names) {
        return Arrays.stream(names).map(n -> String.valueOf(o.get(n))).collect(Collectors.joining(sep));
    }
    static String text(Map<String, String> o) { return join(o, "|", NAMES); }
    static Map<String, String> with(Map<String, String> o, String... pairs) {
        Map<String, String> c = new LinkedHashMap<>(o);
        for (int i = 0; i < pairs.length; i += 2) c.put(pairs[i], pairs[i + 1]);
        return c;
    }
    static Map<String, String> map(String... pairs) { return with(new LinkedHashMap<>(), pairs); }
    static Map<String, String> order() {
        return map("app_id", "2553", "app_user", "Lê Văn Cường", "app_trans_id", "261122_55", "app_time", "" + NOW, "amount", "12500000",
            "item", "[{\"id\":1,\"name\":\"Áo dài\",\"price\":125000}]", "embed_data", "{\"redirecturl\":\"https://shop.example/r?x=1&y=2\",\"merchant\":\"A=B's\"}",
            "description", "Đơn 55", "bank_code", "zalopayapp");
    }
    static void create(String cause, boolean asJson, Signer f) throws Exception { emit("create_order", order(), f.sign(order()), cause, asJson, 2553); }

    public static void main(String[] args) throws Exception {
        create("key2", true, o -> mac(KEY2, text(o)));
        create("other_app_key", false, o -> mac(K553, text(o)));
        create("charset", true, o -> mac(KEY1, text(o).getBytes(StandardCharsets.ISO_8859_1)));
        create("charset", false, o -> mac(KEY1, text(o).getBytes(Charset.forName("windows-1258"))));
        create("charset", false, o -> mac(KEY1, text(o).getBytes(StandardCharsets.US_ASCII)));
        create("charset", true, o -> mac(KEY1, text(o).getBytes(StandardCharsets.UTF_16)));
        create("charset", true, o -> mac(KEY1, text(o).getBytes(StandardCharsets.UTF_16LE)));
        create("charset", true, o -> mac(KEY1, text(o).getBytes(Charset.forName("windows-1252"))));
        create("mojibake", true, o -> mac(KEY1, new String(utf8(text(o)), StandardCharsets.ISO_8859_1)));
        create("mojibake", false, o -> mac(KEY1, text(with(o, "app_user", new String(utf8(o.get("app_user")), Charset.forName("windows-1252"))))));
        create("number_format", true, o -> mac(KEY1, text(with(o, "amount", String.valueOf(Double.parseDouble(o.get("amount")))))));
        create("number_format", true, o -> mac(KEY1, text(with(o, "amount", new BigDecimal(o.get("amount")).setScale(2).toString()))));
        create("number_format", false, o -> mac(KEY1, text(with(o, "amount", new BigDecimal(o.get("amount")).stripTrailingZeros().toString()))));
        create("number_format", false, o -> mac(KEY1, text(with(o, "amount", NumberFormat.getInstance(Locale.US).format(12500000)))));
        create("number_format", false, o -> mac(KEY1, text(with(o, "amount", NumberFormat.getInstance(new Locale("vi", "VN")).format(12500000)))));
        create("number_format", false, o -> mac(KEY1, text(with(o, "amount", String.format("%012d", 12500000)))));
        create("number_format", true, o -> mac(KEY1, text(with(o, "app_time", String.valueOf((double) NOW)))));
        create("time_unit", true, o -> mac(KEY1, text(with(o, "app_time", "" + NOW / 1000))));
        create("time_taken_twice", true, o -> mac(KEY1, text(with(o, "app_time", "" + (NOW + 12)))));
        create("time_format", true, o -> {
            SimpleDateFormat f = new SimpleDateFormat("yyyy-MM-dd HH:mm:ss");
            f.setTimeZone(TimeZone.getTimeZone("Asia/Ho_Chi_Minh"));
            return mac(KEY1, text(with(o, "app_time", f.format(new Date(NOW)))));
        });
        create("time_zone", false, o -> {
            SimpleDateFormat f = new SimpleDateFormat("yyMMdd");
            f.setTimeZone(TimeZone.getTimeZone("Pacific/Honolulu"));
            return mac(KEY1, text(with(o, "app_trans_id", "261121_55")));
        });
        create("object_text", true, o -> {
            Map<String, Object> e = new LinkedHashMap<>();
            e.put("redirecturl", "https://shop.example/r?x=1&y=2");
            e.put("merchant", "A=B's");
            return mac(KEY1, text(with(o, "embed_data", e.toString())));
        });
        create("object_text", false, o -> mac(KEY1, text(with(o, "item", List.of(map("id", "1", "name", "Áo dài", "price", "125000")).toString()))));
        create("json_key_order", true, o -> mac(KEY1, text(with(o, "embed_data", "{\"merchant\":\"A=B's\",\"redirecturl\":\"https://shop.example/r?x=1&y=2\"}"))));
        create("json_escapes", true, o -> mac(KEY1, text(with(o, "embed_data", o.get("embed_data").replace("=", "\\u003d").replace("&", "\\u0026").replace("'", "\\u0027")))));
        create("json_spacing", true, o -> mac(KEY1, text(with(o, "embed_data", "{\n  \"redirecturl\" : \"https://shop.example/r?x=1&y=2\",\n  \"merchant\" : \"A=B's\"\n}"))));
        create("json_numbers", true, o -> mac(KEY1, text(with(o, "item", "[{\"id\":1.0,\"name\":\"Áo dài\",\"price\":125000.0}]"))));
        create("null_in_text", false, o -> { o.remove("app_user"); return mac(KEY1, text(o)); });
        create("member_empty", false, o -> mac(KEY1, text(with(o, "item", ""))));
        create("url_encoded", false, o -> { Map<String, String> c = new LinkedHashMap<>(); for (String k : o.keySet()) c.put(k, URLEncoder.encode(o.get(k), "UTF-8")); return mac(KEY1, text(c)); });
        create("url_encoded", false, o -> mac(KEY1, URLEncoder.encode(text(o), "UTF-8")));
        create("mac_base64", true, o -> Base64.getEncoder().encodeToString(raw("HmacSHA256", utf8(KEY1), utf8(text(o)))));
        create("mac_sign_extended", true, o -> { StringBuilder b = new StringBuilder(); for (byte x : raw("HmacSHA256", utf8(KEY1), utf8(text(o)))) b.append(Integer.toHexString(x)); return b.toString(); });
        create("mac_leading_zeros", true, o -> { StringBuilder b = new StringBuilder(); for (byte x : raw("HmacSHA256", utf8(KEY1), utf8(text(with(o))))) b.append(Integer.toHexString(x & 0xff)); return b.toString(); });
        for (int i = 0; ; i++) { // one that begins with a zero
            Map<String, String> o = with(order(), "app_trans_id", "261122_z" + i);
            byte[] m = raw("HmacSHA256", utf8(KEY1), utf8(text(o)));
            if (m[0] == 0) { emit("create_order", o, new BigInteger(1, m).toString(16), "mac_leading_zeros", true, 2553); break; }
        }
        create("key_decoded_base64", true, o -> hex(raw("HmacSHA256", Base64.getDecoder().decode(KEY1), utf8(text(o)))));
        create("key_padded", true, o -> mac(KEY1 + "\r", text(o)));
        create("key_padded", true, o -> mac("\ufeff" + KEY1, text(o)));
        create("key_case", false, o -> mac(KEY1.toLowerCase(), text(o)));
        create("key_truncated", false, o -> mac(KEY1.substring(1), text(o)));
        create("plain_hash", false, o -> hex(MessageDigest.getInstance("SHA-256").digest(utf8(text(o) + "|" + KEY1))));
        create("plain_hash", false, o -> hex(MessageDigest.getInstance("MD5").digest(utf8(text(o) + KEY1))));
        create("other_hash", false, o -> hex(raw("HmacSHA1", utf8(KEY1), utf8(text(o)))));
        create("other_hash", false, o -> hex(raw("HmacSHA512", utf8(KEY1), utf8(text(o)))));
        create("arguments_swapped", true, o -> hex(raw("HmacSHA256", utf8(text(o)), utf8(KEY1))));
        create("order_of_members", true, o -> mac(KEY1, join(new TreeMap<>(o), "|", new TreeSet<>(Arrays.asList(NAMES)).toArray(new String[0]))));
        create("order_of_members", true, o -> mac(KEY1, join(o, "|", "app_id", "app_trans_id", "amount", "app_user", "app_time", "embed_data", "item")));
        create("member_missing", true, o -> mac(KEY1, join(o, "|", "app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data")));
        create("names_in_text", true, o -> mac(KEY1, new TreeMap<>(o).entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining("&"))));
        create("body_signed", true, o -> mac(KEY1, json(o)));
        create("key2+charset", true, o -> mac(KEY2, text(o).getBytes(StandardCharsets.ISO_8859_1)));
        create("key2+time_unit", true, o -> mac(KEY2, text(with(o, "app_time", "" + NOW / 1000))));
        create("number_format+time_unit", true, o -> mac(KEY1, text(with(o, "app_time", "" + NOW / 1000, "amount", "12500000.0"))));
        create("order_of_members+number_format", true, o -> mac(KEY1, join(with(o, "amount", "12500000.0"), "|", "app_id", "app_trans_id", "app_user", "amount", "app_time", "item", "embed_data")));

        Map<String, String> q = map("app_id", "7001", "app_trans_id", "261122_q");
        emit("query_order", q, hex(raw("HmacSHA256", new BigInteger(K7001, 16).toByteArray(), utf8("7001|261122_q|" + K7001))), "key_decoded_hex", false, 7001);
        emit("query_order", q, mac(K7001, "7001|261122_q"), "key1_missing", true, 7001);
        emit("cancel_order", q, mac(K7001, "7001,261122_q," + K7001), "separator", true, 7001);
        Map<String, String> c = map("app_id", "7001", "app_trans_id", "261122_c", "req_date", "" + NOW, "identifier", "u1", "binding_type", "CARD", "binding_mode", "BIND",
            "device_type", "MOBILE", "binding_data", "{\"callback_url\":\"https://shop.example/cb\"}", "payment_data", "{}");
        String[] cn = {"app_id", "app_trans_id", "identifier", "binding_mode", "binding_type", "device_type", "binding_data", "payment_data", "req_date"};
        emit("create_binding_card", c, mac(K7001, join(c, "|", "app_id", "app_trans_id", "identifier", "binding_type", "binding_mode", "device_type", "binding_data", "payment_data", "req_date")), "order_of_members", true, 7001);
        emit("create_binding_card", c, mac(K7001, join(c, "|", "app_id", "app_trans_id", "identifier", "binding_mode", "binding_type", "device_type", "binding_data", "req_date")), "member_missing", true, 7001);
        emit("create_binding_card", c, mac(K7001, join(c, "|", "app_id", "app_trans_id", "binding_data", "binding_type", "identifier", "max_amount", "req_date").replace("null", "")), "other_formula", true, 7001);
        emit("create_binding_card", c, mac(K7001, join(with(c, "payment_data", ""), "|", cn)), "empty_or_default", false, 7001);
        Map<String, String> p = map("app_id", "7001", "identifier", "u1", "zp_trans_token", "ACx", "pay_token", "pt", "req_date", "" + NOW);
        emit("pay_by_token_card", p, mac(K7001, "7001|u1|pt|ACx|" + NOW), "order_of_members", true, 7001);
        emit("pay_by_token_card", p, mac(K7001, "7001|u1|ACx|pt|" + (NOW - 2)), "time_taken_twice", true, 7001);
        emit("unbinding_card", map("app_id", "7001", "identifier", "u1", "binding_id", "b9", "req_date", "" + NOW), mac(K7001, "7001|u1|b9|" + NOW + "|" + K7001), "key1_added", true, 7001);
        emit("query_binding_card", map("app_id", "7001", "app_trans_id", "261122_c", "req_date", "" + NOW), mac(K7001, "7001|261122_c|" + NOW / 1000), "time_unit", true, 7001);
        for (int i = 0; i < 6; i++) {
            String nobody = hex(MessageDigest.getInstance("SHA-256").digest(utf8("java " + i)));
            if (i % 2 == 0) create("unknown", i == 2, o -> nobody);
            else emit("pay_by_token_card", p, nobody, "unknown", true, 7001);
        }
    }
}
