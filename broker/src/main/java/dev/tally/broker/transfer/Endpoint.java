package dev.tally.broker.transfer;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One side of a copy.
 *
 * @param nameServer host and port of its name server
 * @param accessKey the account, {@code null} where none is needed
 * @param secretKey the account's secret, {@code null} where none is needed
 * @param tls whether connections are encrypted
 * @param trust PEM file with the authorities that the side's certificates must be of, {@code null} for the Java
 *     installation's
 * @since 0.1
 */
public record Endpoint(
        String nameServer,
        @Nullable String accessKey,
        @Nullable String secretKey,
        boolean tls,
        @Nullable Path trust) {

    /** Refuses what cannot work. */
    public Endpoint {
        Address.parse(nameServer);
        if ((accessKey == null) != (secretKey == null)) {
            throw new IllegalArgumentException(
                    "The account of " + nameServer + " needs both access key and secret key");
        }
    }

    /** A side without accounts and encryption. */
    public static Endpoint of(String nameServer) {
        return new Endpoint(nameServer, null, null, false, null);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return nameServer + (accessKey == null ? "" : " as " + accessKey) + (tls ? " by TLS" : "");
    }
}
