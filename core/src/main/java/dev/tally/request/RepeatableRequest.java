package dev.tally.request;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body can be looked at before its handler reads it. Untouched until a fingerprint is asked for. For one
 * thread at a time.
 */
final class RepeatableRequest extends HttpServletRequestWrapper {

    private byte @Nullable [] body;

    RepeatableRequest(HttpServletRequest request) {
        super(request);
    }

    /**
     * A digest of method, path, query and body, as 64 hexadecimal digits.
     *
     * @return {@code null} if the body is larger than {@code largestBody}
     */
    @Nullable String fingerprint(int largestBody) throws IOException, ServletException {
        MessageDigest digest = sha256();
        DataOutputStream out = new DataOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        write(out, getMethod());
        write(out, getRequestURI());
        write(out, Objects.requireNonNullElse(getQueryString(), ""));
        String type = Objects.requireNonNullElse(getContentType(), "").toLowerCase(Locale.ROOT);
        if (type.startsWith("application/x-www-form-urlencoded")) {
            // The container reads forms itself, and only if nobody else has.
            new TreeMap<>(getParameterMap()).forEach((name, values) -> write(out, name + '\n' + Arrays.asList(values)));
        } else if (type.startsWith("multipart/form-data")) {
            for (Part part : getParts()) {
                write(out, part.getName() + '\n' + part.getSubmittedFileName() + '\n' + part.getContentType());
                write(out, Long.toString(part.getSize()));
                try (InputStream content = part.getInputStream()) {
                    content.transferTo(out);
                }
            }
        } else {
            byte[] read = getRequest().getInputStream().readNBytes(largestBody + 1);
            if (read.length > largestBody) {
                return null;
            }
            body = read;
            out.write(read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void write(DataOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            out.writeInt(bytes.length);
            out.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("A digest takes everything", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        return body == null ? super.getInputStream() : new Body(body);
    }

    @Override
    public BufferedReader getReader() throws IOException {
        if (body == null) {
            return super.getReader();
        }
        Charset charset =
                getCharacterEncoding() == null ? StandardCharsets.ISO_8859_1 : Charset.forName(getCharacterEncoding());
        return new BufferedReader(new InputStreamReader(new ByteArrayInputStream(body), charset));
    }

    /** The body, which is there. */
    private static final class Body extends ServletInputStream {

        private final ByteArrayInputStream bytes;

        Body(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return bytes.read(buffer, offset, length);
        }

        @Override
        public int available() {
            return bytes.available();
        }

        @Override
        public boolean isFinished() {
            return bytes.available() == 0;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("Cannot read a request with an idempotency key asynchronously: its body was"
                    + " read before its handler began");
        }
    }
}
