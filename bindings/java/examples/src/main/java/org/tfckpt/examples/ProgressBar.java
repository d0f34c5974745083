package org.tfckpt.examples;

import java.io.PrintStream;

/** A bar that is drawn anew as it grows; nothing at all where nobody would see it. */
final class ProgressBar {
    private static final int WIDTH = 40;

    private final PrintStream out;
    private int shown = -1;

    /** Draws to a stream, or nowhere for null. */
    ProgressBar(PrintStream out) {
        this.out = out;
    }

    static ProgressBar ofTerminal() {
        return new ProgressBar(System.console() == null ? null : System.err);
    }

    /** Shows that so many are done; cheap where that looks no different. */
    void show(long done, long total) {
        int percent = (int) (100.0 * done / total);
        if (out != null && percent > shown) {
            shown = percent;
            int filled = WIDTH * percent / 100;
            out.printf("\r[%s%s] %3d %%", "#".repeat(filled), ".".repeat(WIDTH - filled), percent);
            out.flush();
        }
    }

    void end() {
        if (out != null && shown >= 0) {
            out.println();
        }
    }
}
