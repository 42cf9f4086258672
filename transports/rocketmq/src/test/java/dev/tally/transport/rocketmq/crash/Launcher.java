package dev.tally.transport.rocketmq.crash;

import dev.tally.testkit.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Starts the processes that are killed, quickly: from jars, as the JVM shares classes of jars only, and with an archive of
 * loaded classes once there is one.
 */
final class Launcher {

    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Xshare:auto",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "-Dlogback.configurationFile=crash-logback.xml");

    private final Path folder;
    private final String classPath;

    /** @param folder for jars and archives, emptied by whoever made it */
    Launcher(Path folder) {
        this.folder = folder;
        this.classPath = jars(System.getProperty("java.class.path"), folder);
    }

    /** Starts a main class; {@code name} names its archive, {@code memory} bounds its heap. */
    ChildJvm start(String name, String memory, Class<?> main, String ready, List<String> arguments) {
        Path archive = archive(name);
        List<String> options = new ArrayList<>(OPTIONS);
        options.add("-Xmx" + memory);
        if (Files.exists(archive)) {
            options.add("-XX:SharedArchiveFile=" + archive);
        }
        return ChildJvm.start(options, classPath, main, ready, arguments);
    }

    /** The same for a process that, when it ends by itself, leaves the archive of what it has loaded. */
    ChildJvm train(String name, String memory, Class<?> main, String ready, List<String> arguments) {
        List<String> options = new ArrayList<>(OPTIONS);
        options.add("-Xmx" + memory);
        options.add("-XX:ArchiveClassesAtExit=" + archive(name));
        return ChildJvm.start(options, classPath, main, ready, arguments);
    }

    boolean hasArchive(String name) {
        return Files.exists(archive(name));
    }

    private Path archive(String name) {
        return folder.resolve(name + ".jsa").toAbsolutePath();
    }

    private static String jars(String classPath, Path folder) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                Path jar = folder.resolve("classes-" + entries.size() + ".jar").toAbsolutePath();
                pack(path, jar);
                entries.add(jar.toString());
            } else if (Files.exists(path)) {
                entries.add(entry);
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void pack(Path directory, Path jar) {
        try (OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(file);
                Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(directory.relativize(each).toString()));
                Files.copy(each, zip);
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot pack " + directory + " into " + jar, e);
        }
    }
}
