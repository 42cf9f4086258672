package dev.tally.broker.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads certificates and keys, and says in words what is wrong with a file. */
final class PemFiles {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private PemFiles() {}

    static X509Certificate[] certificates(Path file) throws IOException {
        try {
            List<X509Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes(file, "certificate")))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (chain.isEmpty()) {
                throw new IOException("Cannot use certificate file " + file + ": it holds no certificate");
            }
            return chain.toArray(X509Certificate[]::new);
        } catch (CertificateException e) {
            throw new IOException("Cannot use certificate file " + file + ": " + e.getMessage(), e);
        }
    }

    static PrivateKey key(Path file, @Nullable Path passwordFile) throws IOException {
        String text = new String(bytes(file, "key"), StandardCharsets.ISO_8859_1);
        Matcher block = BLOCK.matcher(text);
        if (!block.find()) {
            throw new IOException("Cannot use key file " + file + ": it holds no private key in PEM form");
        }
        String kind = block.group(1);
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException e) {
            throw new IOException("Cannot use key file " + file + ": its Base64 is broken", e);
        }
        return switch (kind) {
            case "PRIVATE KEY" -> plain(file, new PKCS8EncodedKeySpec(encoded));
            case "ENCRYPTED PRIVATE KEY" -> plain(file, decrypted(file, encoded, passwordFile));
            default ->
                throw new IOException("Cannot use key file " + file + ": it holds a '" + kind
                        + "'; PKCS #8 is needed, to which 'openssl pkcs8 -topk8' converts it");
        };
    }

    private static PrivateKey plain(Path file, PKCS8EncodedKeySpec spec) throws IOException {
        GeneralSecurityException last = null;
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm, or none at all.
                last = e;
            } catch (GeneralSecurityException e) {
                throw new IOException("Cannot use key file " + file + ": " + e.getMessage(), e);
            }
        }
        throw new IOException("Cannot use key file " + file + ": it is no key of " + ALGORITHMS, last);
    }

    private static PKCS8EncodedKeySpec decrypted(Path file, byte[] encoded, @Nullable Path passwordFile)
            throws IOException {
        if (passwordFile == null) {
            throw new IOException("Cannot use key file " + file + ": it is encrypted, and no password file is given");
        }
        String password = new String(bytes(passwordFile, "key password"), StandardCharsets.UTF_8).strip();
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encoded);
            // PBES2 names its algorithm only in the parameters.
            String algorithm =
                    info.getAlgName().equals("PBES2") ? info.getAlgParameters().toString() : info.getAlgName();
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray())),
                    info.getAlgParameters());
            return info.getKeySpec(cipher);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "Cannot use key file " + file + ": it cannot be decrypted with the password in " + passwordFile
                            + " (" + e.getMessage() + ")",
                    e);
        }
    }

    private static byte[] bytes(Path file, String what) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("Cannot use " + what + " file " + file + ": it does not exist", e);
        } catch (AccessDeniedException e) {
            throw new IOException("Cannot use " + what + " file " + file + ": permission denied", e);
        } catch (IOException e) {
            throw new IOException("Cannot use " + what + " file " + file + ": " + e.getMessage(), e);
        }
    }
}
