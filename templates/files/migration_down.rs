
pub fn down(conn: &mut @CONNECTION@) -> QueryResult<()> {
    compile_error!("write what undoes it")
}
