//! What works on which Codex: one line per behaviour, one test per line and version. A version that lacks a behaviour
//! shows it in another line, or says why there is none.

macro_rules! table {
    ($($room:ident::$behaviour:ident: $($version:ident)+ $(, not $lacking:ident: $reason:literal)?;)+) => {$(
        mod $behaviour {
            $(#[test]
            fn $version() {
                super::super::$room::$behaviour(crate::kit::Codex::$version());
            })+
            $(#[test]
            #[ignore = $reason]
            fn $lacking() {
                super::super::$room::$behaviour(crate::kit::Codex::$lacking());
            })?
        }
    )+};
}

table! {
    tools::a_shell_call_creates_a_file: v0_134 v0_150 v0_155 v0_169;
    tools::a_patch_changes_files: v0_134 v0_150 v0_155 v0_169;
    tools::a_patch_in_a_fence_changes_files: v0_134 v0_150 v0_155 v0_169;
    tools::a_tool_of_an_mcp_server_is_called_by_its_flattened_name: v0_134 v0_150 v0_155 v0_169;
    tools::an_answer_has_the_form_that_the_user_asks_for: v0_134 v0_150 v0_155 v0_169;
    images::an_image_that_a_tool_shows_follows_the_answers_of_all_tools: v0_134 v0_150 v0_155 v0_169;
    threads::a_sub_agent_works_on_the_same_provider_and_reports: v0_155 v0_169;
    threads::a_sub_agent_works_on_the_model_that_is_named_for_it: v0_150 v0_169;
    threads::a_codex_that_cannot_name_a_model_for_sub_agents_works_all_the_same: v0_134;
    threads::a_session_is_resumed_with_all_its_thoughts_by_a_new_crelay: v0_134 v0_150 v0_155 v0_169;
    threads::a_review_reads_the_change_and_reports: v0_134 v0_150 v0_155 v0_169;
    threads::a_small_window_is_compacted_and_the_turn_goes_on: v0_134 v0_150 v0_155 v0_169;
    threads::an_interrupted_turn_is_continued_by_the_next_session: v0_134 v0_150 v0_155 v0_169;
    threads::an_answer_that_is_cut_by_its_length_goes_on_twice: v0_134 v0_150 v0_155 v0_169;
    search::a_search_that_was_turned_on_is_the_providers_and_the_session_goes_on: v0_134 v0_150 v0_155 v0_169;
    tui::two_threads_reach_the_provider_and_nothing_is_left: v0_169;
    // 0.134 offers few tools of servers at once; what it lets search for are its own.
    modes::tools_that_are_searched_for_are_found_and_called: v0_150 v0_155 v0_169;
    modes::tools_of_codex_that_are_searched_for_are_found_and_called: v0_134;
    modes::a_sub_agent_of_the_second_kind_works_and_reports: v0_150 v0_155 v0_169,
        not v0_134: "its catalog cannot ask for it, and as a feature it is under development there";
    // The binary of 0.134 holds neither the key of the catalog nor the item.
    modes::tools_that_responses_lite_puts_into_the_conversation_are_called: v0_150 v0_155 v0_169;
    modes::a_codex_that_knows_no_responses_lite_works_as_ever: v0_134;
    // 0.134 has it as a feature, and no key in the catalog.
    modes::a_script_of_code_mode_calls_tools: v0_150 v0_155 v0_169;
    modes::a_script_of_code_mode_that_is_a_feature_calls_tools: v0_134;
}
