package dev.tally.broker.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's certificate and key, which can be replaced while it runs: new connections get the new ones, standing
 * ones keep what they have. Thread-safe.
 *
 * @since 0.1
 */
public final class Tls {

    private static final Logger log = LoggerFactory.getLogger(Tls.class);
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private final TlsConfig config;
    private final InstantSource clock;
    private final AtomicLong refused = new AtomicLong();
    private volatile @Nullable Loaded loaded;

    private record Loaded(SslContext context, Instant expires) {}

    /**
     * Reads the files.
     *
     * @throws IOException where one of them cannot be used, with its name and the reason
     */
    public Tls(TlsConfig config, InstantSource clock) throws IOException {
        this.config = config;
        this.clock = clock;
        reload();
    }

    private Tls() {
        config = TlsConfig.DISABLED;
        clock = () -> Instant.EPOCH;
    }

    /** No encryption. */
    static Tls disabled() {
        return new Tls();
    }

    /** Reads the files again; where they cannot be used, what was read before stays. */
    public void reload() throws IOException {
        if (config.mode() != TlsMode.DISABLED) {
            loaded = load(Objects.requireNonNull(config.certificate()), Objects.requireNonNull(config.key()));
        }
    }

    TlsMode mode() {
        return config.mode();
    }

    /** Counts a connection of the kind that is not served; answers how many there were. */
    long refusedSoFar() {
        return refused.incrementAndGet();
    }

    /** When the certificate ends, empty where TLS is disabled. */
    public Optional<Instant> expires() {
        return Optional.ofNullable(loaded).map(Loaded::expires);
    }

    /** The handler of one connection. */
    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = Objects.requireNonNull(loaded).context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(HANDSHAKE.toMillis());
        return handler;
    }

    private Loaded load(Path certificate, Path keyFile) throws IOException {
        X509Certificate[] chain = PemFiles.certificates(certificate);
        PrivateKey key = PemFiles.key(keyFile, config.keyPassword());
        requirePair(chain[0].getPublicKey(), key, certificate, keyFile);
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain).sslProvider(SslProvider.JDK);
        if (config.trust() != null) {
            builder.trustManager(PemFiles.certificates(config.trust())).clientAuth(ClientAuth.REQUIRE);
        }
        Instant expires = chain[0].getNotAfter().toInstant();
        if (expires.isBefore(clock.instant())) {
            log.error("The certificate has expired: clients that check it are cut off; file={}", certificate);
        }
        log.info("Certificate read; file={} expires={}", certificate, expires);
        return new Loaded(builder.build(), expires);
    }

    /** Signs with one and verifies with the other: a wrong pair would show only at every client's handshake. */
    private static void requirePair(PublicKey certified, PrivateKey key, Path certificate, Path keyFile)
            throws IOException {
        String complaint =
                "Cannot use key file " + keyFile + ": it is not the key of the certificate in " + certificate;
        if (!sameKind(certified, key)) {
            throw new IOException(complaint);
        }
        try {
            Signature signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> "EdDSA";
                    });
            byte[] probe = complaint.getBytes(StandardCharsets.UTF_8);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(probe);
            if (!signature.verify(signed)) {
                throw new IOException(complaint);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(complaint, e);
        }
    }

    private static boolean sameKind(PublicKey certified, PrivateKey key) {
        return certified.getAlgorithm().equals(key.getAlgorithm());
    }
}
