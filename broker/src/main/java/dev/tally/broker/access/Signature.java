package dev.tally.broker.access;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature of the protocol: HMAC-SHA1 over the values of all header fields but itself, in the order of their names,
 * followed by the body; in Base64. It covers neither the request's code nor its time: what it needs besides is TLS.
 *
 * @since 0.1
 */
public final class Signature {

    static final String ACCESS_KEY = "AccessKey";
    static final String SIGNATURE = "Signature";

    private static final String ALGORITHM = "HmacSHA1";

    /** A field that clients up to 4.9.3 add after they signed. */
    private static final String ADDED_LATE = "_UNIQUE_KEY_QUERY";

    /** The number of 4.9.3. */
    private static final int LAST_THAT_ADDS_LATE = 399;

    private final SecretKeySpec key;

    /** Signs and verifies with a secret key. */
    public Signature(String secretKey) {
        key = new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    /** The fields of a request with the name of the account and its signature over all of it. */
    public Fields sign(String accessKey, Fields fields, ByteBuffer body) {
        List<Object> all = new ArrayList<>(List.of(ACCESS_KEY, accessKey));
        fields.asMap().forEach((name, value) -> {
            all.add(name);
            all.add(value);
        });
        Command unsigned = Command.question(0, 0, Fields.of(all.toArray()), body);
        String signature = Base64.getEncoder().encodeToString(of(unsigned));
        all.add(SIGNATURE);
        all.add(signature);
        return Fields.of(all.toArray());
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
