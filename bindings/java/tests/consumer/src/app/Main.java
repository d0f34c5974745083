package app;

import java.nio.file.Path;
import org.tfckpt.Reader;
import org.tfckpt.Shape;
import org.tfckpt.Status;
import org.tfckpt.TfckptException;
import org.tfckpt.Writer;

/** Writes a checkpoint into a directory, and reads it. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Path path = Path.of(args[0], "ckpt");
        try (Writer writer = Writer.builder(path).replace(true).create()) {
            writer.add("kernel", Shape.of(2), new float[] {1, 2});
            writer.finish();
        }
        try (Reader reader = Reader.open(path)) {
            System.out.println(reader.get("kernel") + " " + reader.get("kernel").readFloats()[1]);
            reader.get("bias");
        } catch (TfckptException e) {
            System.out.println(e.status() == Status.NOT_FOUND ? "no bias" : e.toString());
        }
    }
}
