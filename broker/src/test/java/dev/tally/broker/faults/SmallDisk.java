package dev.tally.broker.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of limited size that is really full when it is full. */
final class SmallDisk implements AutoCloseable {

    private static final byte[] ZEROS = new byte[64 * 1024];

    private final Path mountPoint;

    private SmallDisk(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    static SmallDisk mount(Path mountPoint, int mebibytes) throws IOException, InterruptedException {
        Files.createDirectories(mountPoint);
        Shell.succeed("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", mountPoint.toString());
        return new SmallDisk(mountPoint);
    }

    private Path filler() {
        return mountPoint.resolve("filler");
    }

    /** Takes all the space that is left. */
    void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(filler())) {
            while (true) {
                filler.write(ZEROS);
            }
        } catch (IOException full) {
            if (Files.getFileStore(mountPoint).getUsableSpace() > 0) {
                throw full;
            }
        }
    }

    /** Gives back what {@link #fill} took, and grows. */
    void makeRoom(int mebibytes) throws IOException, InterruptedException {
        Files.delete(filler());
        remount("size=" + mebibytes + "m");
    }

    void readOnly() throws IOException, InterruptedException {
        remount("ro");
    }

    void writable() throws IOException, InterruptedException {
        remount("rw");
    }

    private void remount(String option) throws IOException, InterruptedException {
        Shell.succeed("mount", "-o", "remount," + option, mountPoint.toString());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        // Lazily: a killed broker may still be on its way out.
        Shell.succeed("umount", "--lazy", mountPoint.toString());
    }
}
