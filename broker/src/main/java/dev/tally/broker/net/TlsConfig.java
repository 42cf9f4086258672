package dev.tally.broker.net;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How connections are encrypted.
 *
 * @param mode which connections are served
 * @param certificate PEM file with the broker's certificate and those above it, {@code null} where TLS is disabled
 * @param key PEM file with its private key in PKCS #8 form, {@code null} where TLS is disabled
 * @param keyPassword file with the key's password, {@code null} where it has none
 * @param trust PEM file with the authorities of clients' certificates, {@code null} where clients need none
 * @since 0.1
 */
public record TlsConfig(
        TlsMode mode,
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable Path keyPassword,
        @Nullable Path trust) {

    /** No encryption. */
    public static final TlsConfig DISABLED = new TlsConfig(TlsMode.DISABLED, null, null, null, null);

    /** Refuses what cannot work. */
    public TlsConfig {
        if (mode != TlsMode.DISABLED && (certificate == null || key == null)) {
            throw new IllegalArgumentException("TLS " + mode + " needs a certificate and a key");
        }
        if (mode == TlsMode.DISABLED && (certificate != null || key != null || trust != null)) {
            throw new IllegalArgumentException("TLS is disabled, but a certificate, key or trust file is given");
        }
    }

    /** Encryption with a certificate and a key that has no password; clients need no certificate. */
    public static TlsConfig of(TlsMode mode, Path certificate, Path key) {
        return new TlsConfig(mode, certificate, key, null, null);
    }

    /** The files that it names. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        for (Path file : new @Nullable Path[] {certificate, key, keyPassword, trust}) {
            if (file != null) {
                files.add(file);
            }
        }
        return files;
    }
}
