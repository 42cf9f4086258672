package dev.tally.broker.access;

import dev.tally.broker.protocol.Command;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature of the protocol: HMAC-SHA1 over the values of all header fields but itself, in the order of their names,
 * followed by the body; in Base64. It covers neither the request's code nor its time: what it needs besides is TLS.
 */
final class Signature {

    static final String ACCESS_KEY = "AccessKey";
    static final String SIGNATURE = "Signature";

    private static final String ALGORITHM = "HmacSHA1";

    /** A field that clients up to 4.9.3 add after they signed. */
    private static final String ADDED_LATE = "_UNIQUE_KEY_QUERY";

    /** The number of 4.9.3. */
    private static final int LAST_THAT_ADDS_LATE = 399;

    private final SecretKeySpec key;

    Signature(String secretKey) {
        key = new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    /** Whether the request carries this key's signature; takes the same time whatever it carries. */
    boolean signs(Command request) {
        String carried = request.fields().text(SIGNATURE);
        byte[] expected = Base64.getEncoder().encode(of(request));
        byte[] given = (carried == null ? "" : carried).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(expected, given);
    }

    private byte[] of(Command request) {
        StringBuilder values = new StringBuilder();
        for (Map.Entry<String, String> field : new TreeMap<>(request.fields().asMap()).entrySet()) {
            boolean addedLate = field.getKey().equals(ADDED_LATE) && request.version() <= LAST_THAT_ADDS_LATE;
            if (!field.getKey().equals(SIGNATURE) && !addedLate) {
                values.append(field.getValue());
            }
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(values.toString().getBytes(StandardCharsets.UTF_8));
            mac.update(request.body().duplicate());
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no " + ALGORITHM + ", which every Java must have", e);
        }
    }
}
