package org.tfckpt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds {@code libtfckpt_jni} and loads it: the file that the property {@code
 * org.tfckpt.library.path} names and nothing else; or one in {@code java.library.path}; or the one in
 * the jar.
 */
final class NativeLibrary {
    /** Names the file to load. */
    static final String PATH_PROPERTY = "org.tfckpt.library.path";
    /** Names the directory in which the library of the jar is put; the temporary one if not set. */
    static final String DIRECTORY_PROPERTY = "org.tfckpt.library.dir";

    private static final String NAME = "tfckpt_jni";
    /** Of this package and of the library: what is loaded must have the same. */
    private static final String VERSION = "0.1.0";

    private final List<String> tried = new ArrayList<>();

    private NativeLibrary() {}

    /** Loads it, and returns its version. */
    static String load() {
        NativeLibrary library = new NativeLibrary();
        String path = System.getProperty(PATH_PROPERTY);
        String how = path != null ? library.loadFile(path) : library.loadAnywhere();
        return start(how);
    }

    private static String start(String how) {
        String version;
        try {
            version = Native.version();
            Native.init();
        } catch (UnsatisfiedLinkError e) {
            throw new UnsatisfiedLinkError("tfckpt: " + how + " is not the native library of org.tfckpt: " + e);
        }
        if (!version.equals(VERSION)) {
            throw new UnsatisfiedLinkError(
                    "tfckpt: " + how + " has version " + version + ", but the classes have " + VERSION);
        }
        return version;
    }

    private String loadFile(String path) {
        if (!attempt(path, () -> System.load(Path.of(path).toAbsolutePath().toString()))) {
            throw failure("correct or remove -D" + PATH_PROPERTY + ", which alone counts when it is set");
        }
        return path;
    }

    private String loadAnywhere() {
        if (attempt("java.library.path", () -> System.loadLibrary(NAME))) {
            return "the one in java.library.path";
        }
        if (attempt("the jar", this::loadFromJar)) {
            return "the one in the jar";
        }
        throw failure("set -D" + PATH_PROPERTY + "=/path/to/" + System.mapLibraryName(NAME) + ", or -D"
                + DIRECTORY_PROPERTY + " to a directory where libraries may be extracted and run");
    }

    /** A step that may fail in many ways. */
    private interface Step {
        void run() throws IOException;
    }

    private boolean attempt(String what, Step step) {
        try {
            step.run();
            return true;
        } catch (IOException | LinkageError | RuntimeException e) {
            tried.add(what + ": " + (e instanceof FileSystemException ? e : e.getMessage()));
            return false;
        }
    }

    private UnsatisfiedLinkError failure(String advice) {
        return new UnsatisfiedLinkError(
                "tfckpt: no native library. Tried:\n  " + String.join("\n  ", tried) + "\nTo mend it, " + advice + ".");
    }

    private void loadFromJar() throws IOException {
        byte[] content = resource();
        System.load(extract(content).toString());
    }

    /** Where it is within a jar: {@code org/tfckpt/native/linux-x86_64/libtfckpt_jni.so}. */
    static String resourceName() {
        return "/org/tfckpt/native/" + platform() + "/" + System.mapLibraryName(NAME);
    }

    /** The operating system and the processor, as in the classifier of a jar. */
    static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9].*", "");
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return os + "-" + (arch.equals("amd64") ? "x86_64" : arch);
    }

    private static byte[] resource() throws IOException {
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resourceName())) {
            if (in == null) {
                throw new IOException("it has no " + resourceName());
            }
            return in.readAllBytes();
        }
    }

    /** The file with that content: the one that another run has left, or a new one. */
    static Path extract(byte[] content) throws IOException {
        Path file = privateDirectory().resolve(System.mapLibraryName(NAME));
        if (!holds(file, content)) {
            Path fresh = Files.createTempFile(file.getParent(), "new", null);
            try {
                Files.write(fresh, content);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        }
        return file;
    }

    private static boolean holds(Path file, byte[] content) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.size(file) == content.length
                && Arrays.equals(Files.readAllBytes(file), content);
    }

    /**
     * A directory that nobody else can write to: the one of this user and version, or where somebody
     * else has taken its name, a new one.
     */
    private static Path privateDirectory() throws IOException {
        String set = System.getProperty(DIRECTORY_PROPERTY);
        Path base = Path.of(set != null ? set : System.getProperty("java.io.tmpdir")).toAbsolutePath();
        // Of the real path nobody can exchange a part that is a link.
        Path mine = Files.createTempDirectory(base.toRealPath(), "tfckpt-");
        Path shared = mine.resolveSibling("tfckpt-" + VERSION + "-" + uid(mine));
        try {
            Files.move(mine, shared, StandardCopyOption.ATOMIC_MOVE);
            return shared;
        } catch (IOException e) {
            if (!isPrivate(shared, uid(mine))) {
                forget(mine);
                return mine;
            }
            Files.delete(mine);
            return shared;
        }
    }

    /** Nobody will find it again: it is removed in the end. */
    private static void forget(Path directory) {
        directory.toFile().deleteOnExit();
        directory.resolve(System.mapLibraryName(NAME)).toFile().deleteOnExit();
    }

    private static boolean isPrivate(Path directory, Object uid) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Set<PosixFilePermission> permissions =
                Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
        return uid.equals(uid(directory)) && permissions.equals(PosixFilePermissions.fromString("rwx------"));
    }

    private static Object uid(Path path) throws IOException {
        return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }
}
