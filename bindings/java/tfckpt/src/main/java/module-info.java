/**
 * Reads and writes TensorFlow checkpoints without TensorFlow.
 *
 * <p>All of it is in package {@link org.tfckpt}. The module has native code: where the JDK asks
 * for it, let it with {@code --enable-native-access=org.tfckpt}.
 */
module org.tfckpt {
    exports org.tfckpt;
}
