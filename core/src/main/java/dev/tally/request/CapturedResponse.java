package dev.tally.request;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A response that, once told to, keeps its body, an error or a redirection back until the transaction has ended; status
 * and headers are set at once and can be taken back until then. For one thread.
 */
final class CapturedResponse extends HttpServletResponseWrapper {

    private record SentError(int status, @Nullable String text) {}

    private final int largestBody;
    private boolean capturing;
    private boolean tooLarge;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable ServletOutputStream stream;
    private @Nullable PrintWriter writer;
    private @Nullable SentError error;
    private boolean forgetting;
    private @Nullable ResponseSnapshot before;

    CapturedResponse(HttpServletResponse response, int largestBody) {
        super(response);
        this.largestBody = largestBody;
    }

    private HttpServletResponse real() {
        return (HttpServletResponse) getResponse();
    }

    void capture() {
        if (isCommitted()) {
            throw new IllegalStateException("Cannot hold back the response to a request with an idempotency key: "
                    + "something before its handler has sent it already; the handler was not called");
        }
        before = ResponseSnapshot.of(real());
        capturing = true;
    }

    /** What was in the response before anything was held back, by name. */
    Map<String, List<String>> headersBefore() {
        return before == null ? Map.of() : before.headers();
    }

    /** Whether somebody asked the container for an error page. */
    boolean isError() {
        return error != null;
    }

    /** @throws ReplyTooLargeException if the handler wrote too much, whatever was made of its exception */
    void requireComplete() {
        if (tooLarge) {
            throw tooLarge();
        }
    }

    private ReplyTooLargeException tooLarge() {
        return new ReplyTooLargeException(
                "Cannot keep the reply to a request with an idempotency key: it has more than " + largestBody
                        + " bytes (tally.requests.largest-body). Everything is taken back");
    }

    byte[] body() {
        if (writer != null) {
            writer.flush();
        }
        return body.toByteArray();
    }

    /** Sends what was held back, if anything was. */
    void release() throws IOException {
        if (!capturing) {
            return;
        }
        byte[] bytes = body();
        capturing = false;
        if (error != null) {
            if (error.text() == null) {
                real().sendError(error.status());
            } else {
                real().sendError(error.status(), error.text());
            }
            return;
        }
        if (bytes.length > 0) {
            real().setContentLength(bytes.length);
            real().getOutputStream().write(bytes);
        }
    }

    /** Forgets what came since {@link #capture}, also status and headers; not what others had set before. */
    void discard() {
        if (!capturing || before == null) {
            return;
        }
        forget();
        capturing = false;
        error = null;
        if (!real().isCommitted()) {
            before.restore(real());
        }
    }

    /** Also what a writer still has. */
    private void forget() {
        if (writer != null) {
            forgetting = true;
            writer.flush();
            forgetting = false;
        }
        body.reset();
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        if (!capturing) {
            return super.getOutputStream();
        }
        if (stream == null) {
            stream = new Buffer();
        }
        return stream;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (!capturing) {
            return super.getWriter();
        }
        if (writer == null) {
            writer = new PrintWriter(new OutputStreamWriter(new Buffer(), Charset.forName(getCharacterEncoding())));
        }
        return writer;
    }

    @Override
    public void flushBuffer() throws IOException {
        if (!capturing) {
            super.flushBuffer();
        }
    }

    @Override
    public void setContentLength(int length) {
        if (!capturing) {
            super.setContentLength(length);
        }
    }

    @Override
    public void setContentLengthLong(long length) {
        if (!capturing) {
            super.setContentLengthLong(length);
        }
    }

    @Override
    public void setHeader(String name, @Nullable String value) {
        if (!isOfBody(name)) {
            super.setHeader(name, value);
        }
    }

    @Override
    public void addHeader(String name, @Nullable String value) {
        if (!isOfBody(name)) {
            super.addHeader(name, value);
        }
    }

    @Override
    public void setIntHeader(String name, int value) {
        if (!isOfBody(name)) {
            super.setIntHeader(name, value);
        }
    }

    @Override
    public void addIntHeader(String name, int value) {
        if (!isOfBody(name)) {
            super.addIntHeader(name, value);
        }
    }

    /** Told to the client with the body, which may become another one. */
    private boolean isOfBody(String name) {
        return capturing && name.equalsIgnoreCase("Content-Length");
    }

    @Override
    public void resetBuffer() {
        forget();
        if (!capturing) {
            super.resetBuffer();
        }
    }

    @Override
    public void reset() {
        // A writer or stream that somebody got stays good; Spring keeps the writer itself.
        forget();
        error = null;
        super.reset();
    }

    @Override
    public void sendError(int status) throws IOException {
        sendError(status, null);
    }

    @Override
    public void sendError(int status, @Nullable String text) throws IOException {
        if (capturing) {
            error = new SentError(status, text);
        } else if (text == null) {
            super.sendError(status);
        } else {
            super.sendError(status, text);
        }
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        sendRedirect(location, SC_FOUND, true);
    }

    @Override
    public void sendRedirect(String location, int status) throws IOException {
        sendRedirect(location, status, true);
    }

    @Override
    public void sendRedirect(String location, boolean clearBuffer) throws IOException {
        sendRedirect(location, SC_FOUND, clearBuffer);
    }

    /** The container would end the response here; as a status and a header it can be kept, and taken back. */
    @Override
    public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
        if (!capturing) {
            super.sendRedirect(location, status, clearBuffer);
            return;
        }
        if (clearBuffer) {
            forget();
        }
        setStatus(status);
        setHeader("Location", location);
    }

    /** Of what the handler writes. */
    private final class Buffer extends ServletOutputStream {

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (!forgetting) {
                requireRoom(length);
                body.write(bytes, offset, length);
            }
        }

        // Not an IOException, which says that the client has gone and is swallowed in many places.
        private void requireRoom(int more) {
            if (body.size() + more > largestBody) {
                tooLarge = true;
                throw tooLarge();
            }
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new IllegalStateException("Cannot write the reply to a request with an idempotency key"
                    + " asynchronously: it is kept in the handler's transaction");
        }
    }
}
