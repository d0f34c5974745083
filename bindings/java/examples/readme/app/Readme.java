package app;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.tfckpt.Reader;
import org.tfckpt.Shape;
import org.tfckpt.Tensor;
import org.tfckpt.Writer;

public final class Readme {
    public static void main(String[] args) {
        Path prefix = Path.of("model/ckpt-1");
        try (Writer writer = Writer.create(prefix)) {
            writer.add("dense/kernel", Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6});
            writer.addStrings("labels", Shape.of(2), List.of("cat", "dog"));
            writer.finish();
        }
        try (Reader reader = Reader.open(prefix)) {
            for (Tensor tensor : reader) {
                System.out.println(tensor.name() + " " + tensor.dtype() + tensor.shape());
            }
            float[] kernel = reader.get("dense/kernel").readFloats();
            System.out.println(Arrays.toString(kernel));
        }
    }
}
