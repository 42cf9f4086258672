package dev.tally.broker;

import dev.tally.broker.net.TlsConfig;
import dev.tally.broker.net.TlsMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a running broker that are about who may connect and do what. */
final class SecurityOptions {

    @Option(
            names = "--accounts",
            paramLabel = "FILE",
            description =
                    "Let only the accounts and addresses in, to what they may do, that this file names; it has the"
                            + " form of RocketMQ's plain_acl.yml and is read again when it changes. Default: everybody may do"
                            + " everything.")
    private @Nullable Path accounts;

    @Option(
            names = "--tls-mode",
            paramLabel = "disabled|permissive|enforcing",
            description = "Whether encrypted connections are refused, possible or demanded. Default: permissive with a"
                    + " certificate, otherwise disabled.")
    private @Nullable TlsMode tlsMode;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "The broker's certificate and those above it, in PEM form; read again when it changes.")
    private @Nullable Path tlsCertificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "The certificate's private key, in PEM form, PKCS #8; read again when it changes.")
    private @Nullable Path tlsKey;

    @Option(
            names = "--tls-key-password-file",
            paramLabel = "FILE",
            description = "A file with the key's password. Default: the key has none.")
    private @Nullable Path tlsKeyPassword;

    @Option(
            names = "--tls-trust",
            paramLabel = "FILE",
            description = "Demand certificates of clients that these authorities issued, in PEM form. Default: none.")
    private @Nullable Path tlsTrust;

    void apply(BrokerConfig.Builder config) {
        if (accounts != null) {
            config.accounts(accounts);
        }
        TlsMode implied = tlsCertificate == null ? TlsMode.DISABLED : TlsMode.PERMISSIVE;
        config.tls(
                new TlsConfig(tlsMode == null ? implied : tlsMode, tlsCertificate, tlsKey, tlsKeyPassword, tlsTrust));
    }
}
