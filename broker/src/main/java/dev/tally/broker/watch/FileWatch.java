package dev.tally.broker.watch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads small files again when their content changes. It looks at the content, not at times: those are coarse, and tools
 * keep or set them. What cannot be used is reported once, and what was read before stays. Thread-safe.
 *
 * @since 0.1
 */
public final class FileWatch implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(FileWatch.class);

    private final List<Watched> all = new ArrayList<>();

    /** Reads files again. */
    @FunctionalInterface
    public interface Reload {

        /** Reads them; an exception says why they cannot be used, and leaves everything as it was. */
        void run() throws IOException;
    }

    /** Reads files for the first time. */
    @FunctionalInterface
    public interface Opening<T> {

        /** Reads them; an exception says why they cannot be used. */
        T open() throws IOException;
    }

    private static final class Watched {
        private final String what;
        private final List<Path> files;
        private final Reload reload;
        private String seen;

        Watched(String what, List<Path> files, Reload reload, String seen) {
            this.what = what;
            this.files = files;
            this.reload = reload;
            this.seen = seen;
        }
    }

    /**
     * Reads files and watches them from then on.
     *
     * @param what names them in the log
     * @param opening makes what keeps their content
     * @param reload how that reads them again
     * @throws IOException where they cannot be used now
     */
    public synchronized <T> T open(String what, List<Path> files, Opening<T> opening, Function<T, Reload> reload)
            throws IOException {
        // In this order: a change in between is found at the next look.
        String seen = fingerprint(files);
        T opened = opening.open();
        all.add(new Watched(what, List.copyOf(files), reload.apply(opened), seen));
        return opened;
    }

    /** Looks once. */
    @Override
    public synchronized void run() {
        all.forEach(FileWatch::look);
    }

    private static void look(Watched watched) {
        String now = fingerprint(watched.files);
        if (now.equals(watched.seen)) {
            return;
        }
        watched.seen = now;
        try {
            watched.reload.run();
            log.info("Files changed and were read again; what={} files={}", watched.what, watched.files);
        } catch (IOException | RuntimeException e) {
            log.error(
                    "Files changed and cannot be used; what was read before stays. what={} reason={}",
                    watched.what,
                    e.getMessage());
        }
    }

    private static String fingerprint(List<Path> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                byte[] content = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
                digest.update(HexFormat.of().toHexDigits(content.length).getBytes(StandardCharsets.US_ASCII));
                digest.update(content);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            return "unreadable: " + e;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which every Java must have", e);
        }
    }
}
