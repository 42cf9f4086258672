package dev.tally.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Notes what the suites of transports have shown: a file for each test class in the folder that the system property
 * {@value #FOLDER} names, nothing without it. Each line is {@code broker,feature,yes|no}.
 */
final class TransportFeatures implements TestWatcher, BeforeAllCallback {

    static final String FOLDER = "tally.transport.features";

    TransportFeatures() {}

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Path file = file(context);
        if (file != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.deleteIfExists(file);
        }
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        note(context, "yes");
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        note(context, "no");
    }

    private static void note(ExtensionContext context, String result) {
        ShowsFeature shows = context.getRequiredTestMethod().getAnnotation(ShowsFeature.class);
        Path file = file(context);
        // Without an instance the broker is missing on this machine, which says nothing of it.
        if (shows == null
                || file == null
                || !(context.getTestInstance().orElse(null) instanceof TransportSuite suite)) {
            return;
        }
        try {
            Files.write(
                    file,
                    List.of(suite.broker() + "," + shows.value() + "," + result),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot note a feature in " + file, e);
        }
    }

    private static @Nullable Path file(ExtensionContext context) {
        return Optional.ofNullable(System.getProperty(FOLDER))
                .map(folder -> Path.of(folder, context.getRequiredTestClass().getName() + ".csv"))
                .orElse(null);
    }
}
