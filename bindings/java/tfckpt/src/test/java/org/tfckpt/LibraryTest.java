package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the native library comes from, each time in a JVM of its own. */
class LibraryTest {
    private static final Path CLASSES = Path.of(System.getProperty("tfckpt.test.classes"));
    private static final String NAME = "libtfckpt_jni.so";

    @TempDir
    Path directory;

    private Path extracted;
    private Path library;

    @BeforeEach
    void copyOfTheLibrary() throws IOException {
        extracted = Files.createDirectory(directory.resolve("tmp"));
        Path folder = Files.createDirectory(directory.resolve("libs"));
        library = folder.resolve(NAME);
        Files.copy(CLASSES.resolve(NativeLibrary.resourceName().substring(1)), library);
    }

    /** Runs {@link #main} as a user's program would run; what it prints. */
    private String start(Path classes, String... flags) throws Exception {
        Path tests = Path.of(LibraryTest.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java, "-cp", classes + ":" + tests));
        command.add("-Djava.io.tmpdir=" + extracted);
        command.addAll(List.of(flags));
        command.add(Program.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return printed;
    }

    static final class Program {
        public static void main(String[] args) throws IOException {
            System.out.println("version " + Native.VERSION);
            Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains(NAME))
                    .map(line -> line.replaceAll(".* /", "/"))
                    .distinct()
                    .forEach(System.out::println);
        }
    }

    private List<Path> extractedFiles() throws IOException {
        try (Stream<Path> files = Files.walk(extracted)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.endsWith(NAME))
                    .collect(Collectors.toList());
        }
    }

    @Test
    void fromTheJarOncePerVersion() throws Exception {
        assertTrue(start(CLASSES).contains("version 0.1.0"));
        Path file = extractedFiles().get(0);
        assertEquals(
                PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(file.getParent()));
        assertTrue(file.getParent().getFileName().toString().startsWith("tfckpt-0.1.0-"));
        Object inode = Files.getAttribute(file, "unix:ino");
        assertTrue(start(CLASSES).contains(file.toString()));
        assertEquals(List.of(file), extractedFiles());
        assertEquals(inode, Files.getAttribute(file, "unix:ino"));
    }

    @Test
    void whatWasTamperedWithIsReplaced() throws Exception {
        start(CLASSES);
        Path file = extractedFiles().get(0);
        byte[] content = Files.readAllBytes(file);
        Files.write(file, new byte[content.length]);
        assertTrue(start(CLASSES).contains("version 0.1.0"));
        assertArrayEquals(content, Files.readAllBytes(file));
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsNotUsed() throws Exception {
        start(CLASSES);
        Path file = extractedFiles().get(0);
        Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.write(file, new byte[] {1});
        String printed = start(CLASSES);
        assertTrue(printed.contains("version 0.1.0"), printed);
        assertFalse(printed.contains(file.toString()), printed);
        // What it was extracted to instead is gone with the program.
        assertEquals(List.of(file), extractedFiles());
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.delete(file);
        Files.delete(file.getParent());
        Files.createSymbolicLink(file.getParent(), other);
        assertTrue(start(CLASSES).contains("version 0.1.0"));
        assertEquals(0, other.toFile().list().length);
    }

    @Test
    void fromTheLibraryPathBeforeTheJar() throws Exception {
        String printed = start(CLASSES, "-Djava.library.path=" + library.getParent());
        assertTrue(printed.contains(library.toString()), printed);
        assertEquals(List.of(), extractedFiles());
    }

    @Test
    void thePropertyIsFinal() throws Exception {
        String printed = start(CLASSES, "-Dorg.tfckpt.library.path=" + library);
        assertTrue(printed.contains(library.toString()), printed);
        assertEquals(List.of(), extractedFiles());
        String none = directory.resolve("none.so").toString();
        printed = start(
                CLASSES, "-Dorg.tfckpt.library.path=" + none, "-Djava.library.path=" + library.getParent());
        assertFalse(printed.contains("version"), printed);
        assertTrue(printed.contains(none), printed);
        assertTrue(printed.contains("remove -Dorg.tfckpt.library.path"), printed);
    }

    @Test
    void theErrorTellsWhatWasTried() throws Exception {
        Path bare = directory.resolve("bare");
        try (Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.collect(Collectors.toList())) {
                if (!file.toString().contains("native") && !file.endsWith("module-info.class")) {
                    Files.copy(
                            file, bare.resolve(CLASSES.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        String printed = start(bare);
        assertTrue(printed.contains("UnsatisfiedLinkError"), printed);
        for (String part : List.of(
                "java.library.path: ",
                "the jar: it has no /org/tfckpt/native/linux-x86_64/libtfckpt_jni.so",
                "set -Dorg.tfckpt.library.path=/path/to/libtfckpt_jni.so",
                "-Dorg.tfckpt.library.dir")) {
            assertTrue(printed.contains(part), printed);
        }
    }

    @Test
    void aStrangerIsRefused() throws Exception {
        // A library that is there on any machine, and has none of the functions.
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            String stranger = maps.filter(line -> line.endsWith("/libjava.so")).findFirst().orElseThrow();
            Path path = Path.of(stranger.replaceAll(".* /", "/"));
            String printed = start(CLASSES, "-Dorg.tfckpt.library.path=" + path);
            assertTrue(printed.contains("is not the native library of org.tfckpt"), printed);
        }
    }

    @Test
    void theTypesAreThoseOfTheLibrary() {
        for (DType dtype : DType.values()) {
            String name = dtype == DType.UNKNOWN ? null : dtype.tensorFlowName();
            assertEquals(dtype.size(), Native.dtypeSize(dtype.number()));
            assertEquals(name, Utf8.show(Native.dtypeName(dtype.number())));
            assertEquals(dtype, DType.of(dtype.number()));
        }
        assertEquals(null, Native.dtypeName(DType.values().length));
        assertEquals(DType.UNKNOWN, DType.of(101));
        assertEquals(DType.UNKNOWN, DType.of(-1));
    }
}
