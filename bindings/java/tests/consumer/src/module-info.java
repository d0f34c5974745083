/** A program of somebody else's, with modules. */
module app {
    requires org.tfckpt;
}
